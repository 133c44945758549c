"""Are clones like the person? Judged on sentences and by an encoder that the fit did not hear or use."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import mean

import numpy as np

from engine.voices import Voice, clone
from hub.evaluation.bench import RATE, Bench, Samples
from hub.evaluation.figures import Figure
from hub.evaluation.libraries import LibraryMissing, OtherEncoder

Embed = Callable[[Samples, int], Samples]

CURVE = (0.5, 1.0, 2.0, 3.5, 5.0)
_LONGEST = 20
TEXTS = (
    "The museum opens late on Fridays in the summer, and my neighbour, who grows tomatoes and sweet red "
    "peppers, likes to go there after work.",
    "He laughed and closed the heavy wooden door; nobody had told him that the train to London leaves from "
    "the other platform.",
)


@dataclass(frozen=True, slots=True)
class Person:
    """`reference` is the longest recording, fitted to; `others` are kept for judging."""

    name: str
    reference: tuple[Samples, int]
    others: tuple[tuple[Samples, int], ...]


def clones(bench: Bench) -> list[Figure]:
    people, judges, fits = people_of(bench), judges_of(bench), Fits(bench)
    if not people:
        return []
    figures = [figure for name, judge in judges.items() for figure in _likeness(fits, people, name, judge)]
    return [*figures, _monotone(fits, people, bench.encoder.embed), *fits.times()]


def judges_of(bench: Bench) -> dict[str, Embed]:
    """The encoder that voices are fitted with and, where it is installed, one that they are not."""
    judges: dict[str, Embed] = {"resemblyzer": bench.encoder.embed}
    with suppress(LibraryMissing):
        judges["other"] = OtherEncoder().embed
    return judges


def people_of(bench: Bench) -> list[Person]:
    """Those whom the bench has recordings of and wants to hear."""
    return bench.sample(people_in(bench.recordings), 2)[: bench.people]


def people_in(folder: Path | None) -> list[Person]:
    """One person for each folder that holds at least two recordings."""
    found = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir()) if folder else []:
        files = sorted(path for path in place.iterdir() if path.suffix in (".flac", ".wav", ".mp3", ".ogg"))
        recordings = sorted((_read(path) for path in files), key=lambda pair: -len(pair[0]) / pair[1])
        if len(recordings) >= 2:
            samples, rate = recordings[0]
            found.append(Person(place.name, (samples[: _LONGEST * rate], rate), tuple(recordings[1:])))
    return found


def _read(path: Path) -> tuple[Samples, int]:
    import soundfile

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1), int(rate)


class Fits:
    """Clones and what they say, each made once; notes how long fitting took."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._spoken: dict[tuple[str, float], list[Samples]] = {}
        self._first: list[float] = []
        self._cached: list[float] = []

    def voice(self, person: Person, cfg_value: float = 2.0) -> Voice:
        started = time.process_time()
        voice = clone(
            *person.reference,
            cfg_value=cfg_value,
            timesteps=10,
            language="en",
            packs=self.bench.packs,
            models=self.bench.clones_folder,
            say=self.bench.kokoro.say,
        )
        known = any(name == person.name for name, _ in self._spoken)
        (self._cached if known else self._first).append(time.process_time() - started)
        return voice

    def spoken(self, person: Person, cfg_value: float) -> list[Samples]:
        key = (person.name, cfg_value)
        if key not in self._spoken:
            voice = self.voice(person, cfg_value)
            self._spoken[key] = [self.bench.render(phonemes_of(text), voice) for text in TEXTS]
        return self._spoken[key]

    def times(self) -> list[Figure]:
        """Processor seconds, which other work on the machine hardly lengthens; less pass on two cores."""
        rows = [Figure("clones.fit_cpu_seconds", mean(self._first), len(self._first), 6.0, 20.0, False)]
        if self._cached:
            rows.append(
                Figure("clones.cached_seconds", mean(self._cached), len(self._cached), 0.05, 0.05, False)
            )
        return rows


def phonemes_of(text: str) -> str:
    """What the model is given for an English sentence."""
    from engine.text.alphabet import split_known
    from engine.text.phonemes import phonemise

    return split_known(phonemise(text, "en"))[0]


def target_of(person: Person, judge: Embed) -> Samples:
    """What a judge hears in the recordings that no voice was fitted to."""
    from engine.voices.encoder import unit  # and PyTorch, which other sections need not load

    return unit(np.mean([judge(*one) for one in person.others], axis=0))


def _likeness(fits: Fits, people: list[Person], name: str, judge: Embed) -> list[Figure]:
    """The clone's likeness, and how much of the way from the nearest stock voice to real speech it goes."""
    targets = {person.name: target_of(person, judge) for person in people}
    reached = [
        float(judge(spoken, RATE) @ targets[person.name])
        for person in people
        for spoken in fits.spoken(person, 2.0)
    ]
    real = [float(judge(*person.reference) @ targets[person.name]) for person in people]
    stock = [_nearest_stock(fits, person, judge, targets[person.name]) for person in people]
    gap = (mean(reached) - mean(stock)) / (mean(real) - mean(stock))
    return [
        Figure(f"clones.{name}.stock", mean(stock), len(stock), 0.05),
        Figure(
            f"clones.{name}.likeness", mean(reached), len(reached), 0.03, 0.8 if name != "other" else None
        ),
        Figure(f"clones.{name}.real", mean(real), len(real), 0.05),
        Figure(f"clones.{name}.gap_closed", gap, len(reached), 0.1, 0.5 if name == "other" else None),
    ]


def _nearest_stock(fits: Fits, person: Person, judge: Embed, target: Samples) -> float:
    """The best of the three stock voices that this judge finds nearest by a shorter sentence."""
    bench = fits.bench
    nearest = sorted(bench.packs, key=lambda name: -float(judge(bench.stock(name), RATE) @ target))[:3]
    return max(
        mean(
            float(judge(bench.kokoro.say(phonemes_of(text), bench.packs[name], 1.0), RATE) @ target)
            for text in TEXTS
        )
        for name in nearest
    )


def _monotone(fits: Fits, people: list[Person], embed: Embed) -> Figure:
    """The deepest fall of the mean likeness between neighbours on the `cfg_value` curve (0: none)."""
    curve = []
    for cfg_value in CURVE:
        near = [
            float(embed(spoken, RATE) @ embed(*person.reference))
            for person in people
            for spoken in fits.spoken(person, cfg_value)[:1]
        ]
        curve.append(mean(near))
    fall = max(0.0, *(before - after for before, after in pairwise(curve)))
    return Figure("clones.cfg_fall", fall, len(people), 0.01, 0.005, higher_is_better=False)
