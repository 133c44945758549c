"""What `inference_timesteps` buys: likeness and time of a fit along the range."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import mean

from engine.voices import clone
from engine.voices.voice import Style
from hub.evaluation.bench import RATE, Bench, Samples
from hub.evaluation.clones import TEXTS, Embed, Person, judges_of, people_of, phonemes_of, target_of
from hub.evaluation.figures import Figure

TIMESTEPS = (4, 7, 10, 15, 20)


class _Remembered:
    """Speaks, and gives again what it said before; `spared` is the processor time which that saved.

    A fit of more steps says again what one of fewer steps did, so the whole curve costs little more than
    its most expensive point, and every point is still charged for all that it said.
    """

    def __init__(self, say: Callable[[str, Style, float], Samples]) -> None:
        self._say = say
        self._said: dict[tuple[str, bytes, float], tuple[Samples, float]] = {}
        self.spared = 0.0

    def __call__(self, phonemes: str, style: Style, speed: float) -> Samples:
        key = (phonemes, style.tobytes(), speed)
        if key in self._said:
            samples, seconds = self._said[key]
            self.spared += seconds
            return samples
        began = time.process_time()
        samples = self._say(phonemes, style, speed)
        self._said[key] = (samples, time.process_time() - began)
        return samples


def clone_steps(bench: Bench, timesteps: Sequence[int] = TIMESTEPS) -> list[Figure]:
    """Likeness to other recordings of each person, at `cfg_value` 2, and processor seconds of a fit."""
    people = people_of(bench)
    if not people:
        return []
    judges = judges_of(bench)
    found: dict[str, list[float]] = {}
    for person in people:
        for name, value in _curve(bench, person, judges, timesteps):
            found.setdefault(name, []).append(value)
    return [_figure(name, values) for name, values in found.items()]


def _figure(name: str, values: list[float]) -> Figure:
    seconds = name.endswith("cpu_seconds")
    return Figure(name, mean(values), len(values), 6.0 if seconds else 0.03, higher_is_better=not seconds)


def _curve(
    bench: Bench, person: Person, judges: dict[str, Embed], timesteps: Sequence[int]
) -> list[tuple[str, float]]:
    say, models = _Remembered(bench.kokoro.say), bench.folder_for_fits()
    targets = {name: target_of(person, judge) for name, judge in judges.items()}
    rows = []
    for count in timesteps:
        began, spared = time.process_time(), say.spared
        voice = clone(
            *person.reference,
            cfg_value=2.0,
            timesteps=count,
            language="en",
            packs=bench.packs,
            models=models,
            say=say,
        )
        seconds = time.process_time() - began + say.spared - spared
        rows.append((f"clones.steps_{count}.cpu_seconds", seconds))
        spoken = [voice.apply(say(phonemes_of(text), voice.style, voice.speed)) for text in TEXTS]
        for name, judge in judges.items():
            near = mean(float(judge(samples, RATE) @ targets[name]) for samples in spoken)
            rows.append((f"clones.steps_{count}.{name}", near))
    return rows
