"""A lone request has all threads, requests at once one each, and both sound the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from engine.backends.kokoro import Kokoro
from engine.crowd import Crowd
from engine.packs import Packs

PHONEMES = "hˈaɪ."


@contextmanager
def recorded_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The number of threads of each call of a model inside the block."""
    used: list[int] = []
    run = onnxruntime.InferenceSession.run

    def recording(session: Any, *given: Any) -> Any:
        used.append(session.get_session_options().intra_op_num_threads)
        return run(session, *given)

    with monkeypatch.context() as patched:
        patched.setattr(onnxruntime.InferenceSession, "run", recording)
        yield used


@pytest.mark.parametrize(("threads", "of_two"), [(2, 1), (1, 1)])
def test_threads_follow_the_load(
    models_folder: Path, monkeypatch: pytest.MonkeyPatch, threads: int, of_two: int
) -> None:
    crowd = Crowd()
    kokoro = Kokoro(models_folder, threads=threads, crowd=crowd)
    style = Packs(models_folder)["af_heart"]
    with recorded_threads(monkeypatch) as used, ExitStack() as inside:
        said = []
        for _ in range(2):
            inside.enter_context(crowd.joined())
            said.append(kokoro.say(PHONEMES, style, 1.0).tobytes())
        inside.close()
        with crowd.joined():
            said.append(kokoro.say(PHONEMES, style, 1.0).tobytes())
    assert used == [threads, of_two, threads]
    assert len(set(said)) == 1, "the same samples on any number of threads"
