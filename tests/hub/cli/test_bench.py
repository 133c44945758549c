"""`sayhook bench engine` really speaks and really runs the bare model."""

from __future__ import annotations

import onnxruntime
import pytest

from engine.speaker import Engine
from engine.values import SpeechRequest
from hub.cli import bench
from hub.settings import Settings


@pytest.fixture(scope="module")
def speaker() -> Engine:
    return Engine(Settings().models, threads=1)


def test_feeds_are_recorded_and_the_runtime_is_put_back(speaker: Engine) -> None:
    run = onnxruntime.InferenceSession.run
    with bench.recorded_feeds() as feeds:
        speaker.speak(SpeechRequest(text="One feed.", language="en"))
    assert onnxruntime.InferenceSession.run is run
    assert len(feeds) == 1
    assert set(feeds[0]) == {"tokens", "style", "speed"}


def test_a_pace_compares_like_with_like(speaker: Engine) -> None:
    model = bench.bare_model(Settings().models, threads=1)
    pace = bench.measure(speaker, model, bench.SENTENCES[0], rounds=1)
    assert 1.5 < pace.audio < 5
    assert 0.5 < pace.overhead < 3
    assert pace.speed == pytest.approx(pace.audio / pace.engine)
