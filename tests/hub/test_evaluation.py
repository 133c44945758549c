"""`sayhook eval`: the figures of a small sample hold, and a figure that falls is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hub.cli import evaluation
from hub.evaluation import SECTIONS, Figure, LibraryMissing, fallen, read_baseline, write_baseline
from hub.evaluation.bench import Bench
from hub.evaluation.clones import people_in
from hub.evaluation.design import descriptions, timbre
from hub.evaluation.figures import share
from hub.evaluation.libraries import OtherEncoder, QualityModel, library
from hub.evaluation.tongues import sentences
from hub.evaluation.words import number_sentences, wrong_words

pytestmark = pytest.mark.xdist_group("engine")  # where what tells languages apart is loaded anyway


@pytest.fixture(scope="module")
def bench(models_folder: Path) -> Bench:
    return Bench(models_folder, quick=True, threads=1)


@pytest.mark.parametrize("section", ["reading", "detection", "symbols"])
def test_what_needs_no_sound_holds_the_baseline(bench: Bench, section: str) -> None:
    figures = SECTIONS[section](bench)
    assert fallen(figures, read_baseline()) == []
    assert all(figure.met for figure in figures)


@pytest.mark.parametrize(
    ("description", "gender"), [("a stern judge, male, measured", "male"), ("a sad widow", "female")]
)
def test_timbre_tells_men_from_women(bench: Bench, description: str, gender: str) -> None:
    assert timbre(bench, bench.sentence(description)) == gender


def test_the_material_is_whole() -> None:
    assert len(number_sentences()) == 100
    assert len(sentences()) == 31
    for which in ("tuned", "held_out"):
        assert [len(texts) for texts in descriptions()[which].values()] == (
            [90, 90] if which == "tuned" else [30, 30]
        )
    together = [
        text for which in ("tuned", "held_out") for texts in descriptions()[which].values() for text in texts
    ]
    assert len(set(together)) == len(together)


@pytest.mark.parametrize(
    ("spoken", "heard", "wrong"),
    [
        ("it is five dollars", "It is $5.", 0),
        ("it is five dollars", "It's five dollars.", 2),
        ("at three thirty p m sharp", "At 3:30 PM sharp.", 0),
        ("room one hundred one", "Room 102.", 1),
    ],
)
def test_figures_count_as_the_words_they_stand_for(spoken: str, heard: str, wrong: int) -> None:
    assert wrong_words(spoken, heard)[0] == wrong


def test_a_fall_beyond_the_noise_is_told(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write_baseline([Figure("a", 0.9, 10, 0.05), Figure("b", 0.03, 10, 0.01, higher_is_better=False)], path)
    write_baseline([Figure("c", 1.0, 10, 0.05)], path)
    assert read_baseline(path) == {"a": 0.9, "b": 0.03, "c": 1.0}
    steady = [Figure("a", 0.86, 10, 0.05), Figure("b", 0.035, 10, 0.01, higher_is_better=False)]
    assert fallen(steady, read_baseline(path)) == []
    worse = [Figure("a", 0.8, 10, 0.05), Figure("b", 0.06, 10, 0.01, higher_is_better=False)]
    assert [sentence.split()[0] for sentence in fallen(worse, read_baseline(path))] == ["a", "b"]
    assert read_baseline(tmp_path / "none.json") == {}


def test_a_bar_is_met_from_the_right_side() -> None:
    assert share("x", [True, True, False, True], bar=0.75).met
    assert not share("x", [True, False], bar=0.75).met
    assert Figure("x", 0.03, 1, 0.0, 0.04, higher_is_better=False).met
    assert Figure("x", 0.03, 1, 0.0).met is None


def test_people_are_folders_of_recordings(tmp_path: Path) -> None:
    import soundfile

    for name, seconds in {"anna/one.wav": 1, "anna/two.wav": 3, "ben/only.wav": 2}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        soundfile.write(tmp_path / name, np.zeros(16_000 * seconds, np.float32), 16_000)
    (anna,) = people_in(tmp_path)
    assert (anna.name, len(anna.reference[0]), len(anna.others)) == ("anna", 48_000, 1)
    assert people_in(None) == []


def test_a_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        LibraryMissing, match=r"Reading aloud needs nonesuch: run `pip install 'sayhook\[eval\]'`"
    ):
        library("nonesuch_at_all", "Reading aloud", "nonesuch")
    monkeypatch.setattr("hub.evaluation.libraries.find_spec", lambda name: None)
    for wanted in (OtherEncoder, QualityModel):
        with pytest.raises(LibraryMissing):
            wanted()


def test_the_command_prints_figures_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    evaluation.evaluate(only=["symbols"], recordings=None, quick=True, save=False, as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["figure"], row["met"]) == ("languages.symbol_loss", True)
    evaluation.evaluate(only=["symbols"], recordings=None, quick=False, save=False, as_json=False)
    assert "languages.symbol_loss" in capsys.readouterr().out


@pytest.mark.parametrize("only", [["ears"], ["clones"]])
def test_the_command_refuses_what_it_cannot_measure(only: list[str]) -> None:
    import typer

    with pytest.raises(typer.BadParameter):
        evaluation.evaluate(only=only, recordings=None, quick=True, save=False, as_json=True)
