from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.backends.voxcpm_server import VoxCPMServer
from engine.backends.voxcpm_wire import Dialect
from tests.engine.backends import voxcpm_environment
from tests.engine.backends.speech_servers import SpeechServer, serving
from tests.engine.backends.tiny_voxcpm import build
from tests.engine.backends.voxcpm_studio import Studio


@pytest.fixture(scope="session")
def studio() -> Iterator[Studio]:
    studio = Studio(voxcpm_environment.prepare())
    yield studio
    studio.close()


@pytest.fixture(scope="session")
def tiny(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return studio(build, tmp_path_factory.mktemp("voxcpm") / "tiny")


def recording(seconds: float = 5.2, pitch: float = 140.0, rate: int = 16_000, format: str = "WAV") -> bytes:
    """A voice-like buzz that comes and goes, as a file."""
    time = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * pitch * part * time) / part for part in range(1, 8))
    wave = 0.2 * wave * (0.55 + 0.45 * np.sin(2 * np.pi * 1.7 * time))
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format=format)
    return file.getvalue()


Connect = Callable[..., VoxCPMServer]


@pytest.fixture
def server() -> Iterator[SpeechServer]:
    with serving() as server:
        yield server


@pytest.fixture(params=list(Dialect))
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return Dialect(request.param)


@pytest.fixture
def connect() -> Iterator[Connect]:
    with ExitStack() as stack:

        def connect(url: str, **options: Any) -> VoxCPMServer:
            backend = VoxCPMServer(url, **options)
            stack.callback(backend.close)
            return backend

        yield connect


@pytest.fixture
def backend(server: SpeechServer, dialect: Dialect, connect: Connect) -> VoxCPMServer:
    return connect(server.url, dialect=dialect, patience=5.0)
