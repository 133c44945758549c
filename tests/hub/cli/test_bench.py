"""`sayhook bench engine` really speaks and really runs the bare model."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import onnxruntime
import pytest
import typer

from engine import Engine
from engine.values import SpeechRequest
from hub.cli import bench
from hub.evaluation import speed
from hub.evaluation.machine import facts
from hub.evaluation.plot import bars
from hub.evaluation.speed import PLAIN, Arrangement, Run, compare


def test_feeds_are_recorded_and_the_runtime_is_put_back(engine: Engine) -> None:
    run = onnxruntime.InferenceSession.run
    with bench.recorded_feeds() as feeds:
        engine.speak(SpeechRequest(text="One.", language="en"))
    assert onnxruntime.InferenceSession.run is run
    assert len(feeds) == 1
    assert set(feeds[0]) == {"tokens", "style", "speed"}


def test_a_pace_compares_like_with_like(engine: Engine, models_folder: Path) -> None:
    model = bench.bare_model(models_folder, threads=1)
    pace = bench.measure(engine, model, "Good morning.", rounds=1)
    assert 0.5 < pace.audio < 3
    assert 0.1 < pace.overhead < 10  # once, beside whatever else the machine does
    assert pace.speed == pytest.approx(pace.audio / pace.engine)


def test_requests_at_once_are_compared_with_the_plain_model(
    models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "TEXTS", ("Thank you.", "Good morning."))
    plain, ours = compare(models_folder, [Arrangement(1, 2, 2)], rounds=1)
    assert (plain.name, ours.name) == (PLAIN, "1 × 2, 2 at once")
    assert ours.audio == pytest.approx(plain.audio, rel=0.3)
    for run in (plain, ours):
        assert 0 < run.first <= run.lone
        assert run.batch > 0
        assert 0.1 < run.frugality < 30
        assert run.gain == pytest.approx(run.throughput / plain.throughput)
        assert run.lone_gain == pytest.approx(plain.lone / run.lone)
        assert 0.03 < run.throughput < 30
        assert 200 < run.memory < 4000


def test_bars_are_judged_for_every_arrangement() -> None:
    plain = Run(PLAIN, audio=20.0, batch=8.0, processor=16.0, lone=2.0, first=2.0, memory=700.0)
    good = replace(plain, name="good", batch=6.0, gain=1.333, lone_gain=1.0)
    slow = replace(plain, name="slow", gain=1.24, lone_gain=0.9)
    told = [
        (row["workers_threads"], row["throughput_met"], row["one_request_met"])
        for row in bench.judged([plain, good, slow])
    ]
    assert told == [("good", "yes", "yes"), ("slow", "no", "no")]
    assert bench._run_row(good)["real_time_factor"] == 0.3


def test_without_the_line_to_beat_the_comparison_fails(
    models_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "kokoro_onnx", None)
    with pytest.raises(typer.Exit) as stopped:
        bench._compared(models_folder, rounds=1)
    assert stopped.value.exit_code == 1
    assert "kokoro-onnx" in capsys.readouterr().err


def test_the_machine_is_told() -> None:
    told = facts()
    assert set(told) == {"processor", "memory", "system", "versions", "commit"}
    assert "onnxruntime 1." in told["versions"]
    assert all(told.values())


def test_throughput_is_drawn_against_the_line_to_beat() -> None:
    from xml.etree import ElementTree

    drawing = ElementTree.fromstring(bars("Eight <requests>", "s", [("plain", 2.0), ("2 × 1", 3.0)], "here"))
    rows = [part for part in drawing if part.tag.endswith("rect")]
    assert float(rows[1].attrib["width"]) == pytest.approx(1.5 * float(rows[0].attrib["width"]), abs=0.2)
    line = next(part for part in drawing if part.tag.endswith("line"))
    assert float(line.attrib["x1"]) == pytest.approx(
        float(rows[0].attrib["x"]) + float(rows[0].attrib["width"]), abs=0.2
    )


def test_arrangements_fit_the_machine() -> None:
    assert bench.arrangements(1) == [Arrangement(1, 1)]
    assert bench.arrangements(2) == [Arrangement(1, 0), Arrangement(1, 0, 2), Arrangement(2, 1)]
