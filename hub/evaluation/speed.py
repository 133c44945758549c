"""Eight requests at once, by workers, threads and texts at once, next to kokoro-onnx called in a loop.

Every arrangement runs in processes of its own, loaded and warmed up before the clock starts, and takes its
turn with the others, so that all meet the same machine.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Any

from hub.evaluation.libraries import library

TEXTS = (
    "Good morning, and welcome to the shop.",
    "Your order has left our warehouse and will be with you on Thursday, between nine and noon.",
    "The train to London leaves from the other platform.",
    "This waterproof jacket weighs only three hundred grams, folds into its own pocket, and keeps you dry "
    "through a whole day of rain in the hills, whatever the forecast said in the morning.",
    "Thank you for your patience.",
    "We followed the narrow path down to the beach, where the children had built a castle out of wet sand, "
    "and nobody wanted to leave before the sun went down.",
    "Please keep your ticket until the end of the journey; it is valid on all buses for another two hours.",
    "Nobody expected the snow to stay this long.",
)
PLAIN = "kokoro-onnx, in a loop"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`workers` processes that speak `at_once` texts each, on `threads` (0: one per core)."""

    workers: int
    threads: int
    at_once: int = 1

    @property
    def name(self) -> str:
        return f"{self.workers} × {self.threads or 'all'}, {self.at_once} at once"


@dataclass(frozen=True, slots=True)
class Run:
    """One arrangement: seconds, and megabytes of all its processes together at their fullest.

    `batch` is the wall time of all texts and `processor` what they took of all cores; `lone` is the wall time
    of one request alone, `first` until its first segment. `gain` is how many times the throughput is that of
    kokoro-onnx in the same round, `lone_gain` how many times faster a lone request is: medians of rounds.
    """

    name: str
    audio: float
    batch: float
    processor: float
    lone: float
    first: float
    memory: float
    gain: float = 1.0
    lone_gain: float = 1.0

    @property
    def throughput(self) -> float:
        """Seconds of speech a second."""
        return self.audio / self.batch

    @property
    def frugality(self) -> float:
        """Seconds of speech a second of processor time."""
        return self.audio / self.processor


@dataclass(frozen=True, slots=True)
class _Spoken:
    audio: float
    wall: float
    first: float
    processor: float
    memory: float


def compare(models: Path, arrangements: Sequence[Arrangement], *, rounds: int, texts: int = 8) -> list[Run]:
    """kokoro-onnx first, then the engine in each arrangement; medians over `rounds`.

    Every second round goes the other way about, so that none always follows the same neighbour.
    """
    library("kokoro_onnx", "Comparing with kokoro-onnx", "kokoro-onnx")
    crews = [_Crew(PLAIN, Arrangement(1, 0), _plain_model, models)]
    crews += [_Crew(one.name, one, _engine, models) for one in arrangements]
    turns: list[list[Run]] = []
    try:
        for number in range(rounds):
            order = crews if number % 2 == 0 else crews[::-1]
            done = {crew: crew.turn(TEXTS[:texts]) for crew in order}
            turns.append([done[crew] for crew in crews])
    finally:
        for crew in crews:
            crew.close()
    return [_median([turn[place] for turn in turns], turns) for place in range(len(crews))]


def _median(runs: Sequence[Run], turns: Sequence[Sequence[Run]]) -> Run:
    pairs = [(run, turn[0]) for run, turn in zip(runs, turns, strict=True)]
    names = ("batch", "processor", "lone", "first")
    return replace(
        runs[0],
        **{name: median(getattr(run, name) for run in runs) for name in names},
        memory=max(run.memory for run in runs),
        gain=median(run.throughput / plain.throughput for run, plain in pairs),
        lone_gain=median(plain.lone / run.lone for run, plain in pairs),
    )


Speak = Callable[[str], _Spoken]
_speak: Speak | None = None
"""What this process speaks with, made once by `_start`."""


class _Crew:
    """Processes that wait, loaded, for their turn."""

    def __init__(
        self, name: str, arrangement: Arrangement, make: Callable[[Path, int], Speak], models: Path
    ) -> None:
        self._name, self._arrangement = name, arrangement
        workers = arrangement.workers
        context = multiprocessing.get_context("spawn")
        ready = context.Barrier(workers + 1)
        given = (make, models, arrangement.threads, arrangement.at_once, ready)
        self._pool = ProcessPoolExecutor(workers, context, _start, given)
        waiting = [self._pool.submit(_meet) for _ in range(workers)]
        ready.wait(timeout=300)
        for one in waiting:
            one.result()

    def turn(self, texts: Sequence[str]) -> Run:
        queue = sorted(texts, key=len, reverse=True)
        at_once = self._arrangement.at_once
        started = time.perf_counter()
        if self._arrangement.workers == 1:
            spoken = [self._pool.submit(_several, queue, at_once).result()]
        else:
            spoken = list(self._pool.map(_one, queue))
        batch = time.perf_counter() - started
        lone = self._pool.submit(_one, texts[1]).result()
        memory = max(one.memory for one in (*spoken, lone)) * self._arrangement.workers
        audio, processor = sum(one.audio for one in spoken), sum(one.processor for one in spoken)
        return Run(self._name, audio, batch, processor, lone.wall, lone.first, memory)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _start(
    make: Callable[[Path, int], Speak], models: Path, threads: int, at_once: int, ready: Barrier
) -> None:
    global _speak
    _speak = make(models, threads)
    _several(["Ready."] * at_once, at_once)
    ready.wait(timeout=300)


def _meet() -> None:
    """Runs once a process is up; the barrier in `_start` holds them all together."""


def _one(text: str) -> _Spoken:
    assert _speak is not None
    before = time.process_time()
    spoken = _speak(text)
    return replace(spoken, processor=time.process_time() - before, memory=_megabytes())


def _several(texts: Sequence[str], at_once: int) -> _Spoken:
    """All texts in this process, as one."""
    assert _speak is not None
    before, started = time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(at_once) as threads:
        spoken = list(threads.map(_speak, texts))
    wall, processor = time.perf_counter() - started, time.process_time() - before
    return _Spoken(sum(one.audio for one in spoken), wall, spoken[0].first, processor, _megabytes())


def _engine(models: Path, threads: int) -> Speak:
    from engine.speaker import Engine
    from engine.values import SpeechRequest

    engine = Engine(models, threads=threads)

    def speak(text: str) -> _Spoken:
        marks: list[float] = []
        started = time.perf_counter()
        speech = engine.speak(
            SpeechRequest(text=text, language="en"),
            progress=lambda share: marks.append(time.perf_counter() - started),
        )
        return _Spoken(speech.duration_seconds, time.perf_counter() - started, marks[0], 0.0, 0.0)

    return speak


def _plain_model(models: Path, threads: int) -> Speak:
    """kokoro-onnx as its read-me shows it, on the same files."""
    import tempfile

    import numpy as np

    from engine.assets import MODEL
    from engine.models import require
    from engine.packs import Packs

    with tempfile.TemporaryDirectory() as folder:
        voices = Path(folder) / "voices.npz"
        np.savez(voices, af_heart=Packs(models)["af_heart"].reshape(510, 1, 256))
        kokoro: Any = library("kokoro_onnx", "Comparing", "kokoro-onnx").Kokoro(
            str(require(models, MODEL)), str(voices)
        )

    def speak(text: str) -> _Spoken:
        started = time.perf_counter()
        samples, rate = kokoro.create(text, voice="af_heart")
        wall = time.perf_counter() - started
        return _Spoken(len(samples) / rate, wall, wall, 0.0, 0.0)

    return speak


def _megabytes() -> float:
    """The largest memory of this process; what `getrusage` says on Linux is never below its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024**2)
