from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from engine.narrator import Narrator, Preferring
from engine.speaker import Engine
from hub.engines import open_engine, serving, texts_at_once
from hub.settings import Settings

URL = "http://gpu-box:8091"


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


@pytest.mark.parametrize(
    ("given", "kind", "name"),
    [
        ({}, Engine, "kokoro"),
        ({"engine": "kokoro", "voxcpm_server_url": URL}, Engine, "kokoro"),
        ({"voxcpm_server_url": URL}, Preferring, "voxcpm-server"),
        ({"voxcpm_model": "VoxCPM2"}, Preferring, "voxcpm"),
        ({"engine": "voxcpm"}, Narrator, "voxcpm"),
        (
            {"engine": "voxcpm-server", "voxcpm_server_url": URL, "voxcpm_server_api": "nanovllm"},
            Narrator,
            "voxcpm-server",
        ),
    ],
)
def test_the_settings_choose_the_engine(given: dict[str, Any], kind: type, name: str) -> None:
    engine = open_engine(settings(**given))
    assert isinstance(engine, kind)
    assert engine.name == name


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"engine": "voxcpm-server"}, "SAYHOOK_VOXCPM_SERVER_URL"),
        ({"voxcpm_server_url": "gpu-box:8091"}, "voxcpm_server_url"),
        ({"voxcpm_device": "cuda:0"}, "voxcpm_device"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(**given)


def test_the_key_is_not_shown() -> None:
    assert "a-long-key" not in repr(settings(voxcpm_server_key="a-long-key"))


def test_choosing_loads_no_model_library() -> None:
    program = (
        "import sys, hub.engines; from hub.settings import Settings;"
        "hub.engines.open_engine(Settings(_env_file=None, engine='voxcpm', voxcpm_model='x'));"
        "print([name for name in ('torch', 'onnxruntime', 'voxcpm') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("given", "english", "ukrainian", "thai"),
    [
        ({}, "kokoro", "kokoro", "espeak"),
        ({"engine": "kokoro", "voxcpm_server_url": URL}, "kokoro", "kokoro", "espeak"),
        ({"voxcpm_server_url": URL}, "voxcpm-server", "kokoro", "voxcpm-server"),
        ({"voxcpm_model": "VoxCPM2"}, "voxcpm", "kokoro", "voxcpm"),
        ({"engine": "voxcpm"}, "voxcpm", None, "voxcpm"),
    ],
)
def test_the_settings_tell_who_speaks_a_language(
    given: dict[str, Any], english: str, ukrainian: str | None, thai: str
) -> None:
    chosen = settings(**given)
    assert [serving(chosen, code) for code in ("en", "uk", "th")] == [english, ukrainian, thai]


@pytest.mark.parametrize(
    ("given", "at_once"),
    [
        ({"worker_threads": 3}, 3),
        ({"worker_threads": 64}, 8),
        ({"worker_threads": 3, "speak_at_once": 5}, 5),
        ({"speak_workers": 64}, 1),
        ({"engine": "voxcpm", "worker_threads": 3}, 1),
        ({"voxcpm_model": "VoxCPM2", "worker_threads": 3}, 1),
        ({"voxcpm_model": "VoxCPM2", "voxcpm_server_url": URL, "worker_threads": 3}, 3),
        ({"engine": "kokoro", "voxcpm_model": "VoxCPM2", "worker_threads": 3}, 3),
    ],
)
def test_a_worker_takes_on_as_many_texts_as_its_engine_can_speak_at_once(
    given: dict[str, Any], at_once: int
) -> None:
    assert texts_at_once(settings(**given)) == at_once
