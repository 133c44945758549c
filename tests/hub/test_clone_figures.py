"""`sayhook eval --only clone_words` and `clone_steps` with a model that hums: what is told, not how well."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import typer
from numpy.typing import NDArray

from engine.backends.kokoro import Kokoro
from hub.cli import evaluation
from hub.evaluation.bench import Bench
from hub.evaluation.clone_steps import clone_steps
from hub.evaluation.clone_words import clone_words
from hub.evaluation.clones import people_of

Samples = NDArray[np.float32]
RATE = 24_000
SAID_BY_A_FIT = 5
"""Sentences at ten timesteps: they are nearly all that a fit costs."""


def hummed(pitch: float, seconds: float) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    voice = sum(np.sin(2 * np.pi * pitch * part * time) / part for part in range(1, 20))
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)
    return (0.1 * voice * syllables).astype(np.float32)


class Humming(Kokoro):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, phonemes: str, style: Samples, speed: float) -> Samples:
        self.said.append(phonemes)
        return hummed(110 + 40 * float(np.abs(style[0, :8]).mean()), 2.0 / speed)


@pytest.fixture
def bench(models_folder: Path, tmp_path: Path) -> Bench:
    for name, pitch in {"anna": 210, "ben": 120}.items():
        (tmp_path / name).mkdir()
        for number, seconds in enumerate((6, 4)):
            soundfile.write(tmp_path / name / f"{number}.wav", hummed(pitch + number, seconds), RATE)
    bench = Bench(models_folder, tmp_path, quick=True, people=1)
    bench.kokoro = Humming()
    return bench


def test_words_are_counted_against_the_stock_voice(bench: Bench) -> None:
    assert [person.name for person in people_of(bench)] == ["anna"]
    heard = iter(["The old bridge was closed"] * 4 + ["Nothing"] * 4)
    figures = {figure.name: figure for figure in clone_words(bench, lambda samples, rate: next(heard))}
    stock, clone, added = (figures[f"clones.words.{name}"] for name in ("stock", "error_rate", "added"))
    assert 0 < stock.value < clone.value
    assert added.value == pytest.approx(clone.value - stock.value)
    assert (added.bar, added.met) == (0.03, False)
    assert list(bench.clones_folder.glob("fitted/*.json"))
    said = bench.kokoro.said if isinstance(bench.kokoro, Humming) else []
    assert len(said) == 4 + SAID_BY_A_FIT + 4


def test_every_count_of_timesteps_is_charged_for_all_it_said(bench: Bench) -> None:
    figures = {figure.name: figure for figure in clone_steps(bench, (4, 5))}
    assert {name.split(".", 1)[1] for name in figures if "other" not in name} == {
        "steps_4.cpu_seconds", "steps_4.resemblyzer", "steps_5.cpu_seconds", "steps_5.resemblyzer",
    }  # fmt: skip
    assert -1 <= figures["clones.steps_4.resemblyzer"].value <= 1
    assert figures["clones.steps_5.cpu_seconds"].value > 0.1
    assert not figures["clones.steps_4.cpu_seconds"].higher_is_better
    said = bench.kokoro.said if isinstance(bench.kokoro, Humming) else []
    assert len(said) <= 3 + 2 * 2, "what a shorter fit said is not said again"


def test_nothing_is_measured_without_people(models_folder: Path) -> None:
    assert clone_words(Bench(models_folder)) == clone_steps(Bench(models_folder)) == []
    with pytest.raises(typer.BadParameter, match="clone_steps needs --recordings"):
        evaluation.evaluate(only=["clone_steps"], recordings=None, quick=True, save=False, as_json=True)
