"""Eight requests at once, by worker and thread count, next to kokoro-onnx called in a loop.

Every arrangement runs in processes of its own, loaded and warmed up before the clock starts, and takes its
turn with the others, so that all meet the same machine.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
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
class Run:
    """One arrangement: seconds, and megabytes of all its processes together at their fullest.

    `batch` is the wall time of all texts, `lone` that of one request alone, `first` until its first segment.
    """

    name: str
    workers: int
    threads: int
    audio: float
    batch: float
    lone: float
    first: float
    memory: float

    @property
    def throughput(self) -> float:
        """Seconds of speech a second."""
        return self.audio / self.batch


@dataclass(frozen=True, slots=True)
class _Spoken:
    audio: float
    wall: float
    first: float
    memory: float


def compare(
    models: Path, arrangements: Sequence[tuple[int, int]], *, rounds: int, texts: int = 8
) -> list[Run]:
    """kokoro-onnx first, then the engine with each (workers, threads); medians over `rounds`."""
    library("kokoro_onnx", "Comparing with kokoro-onnx", "kokoro-onnx")
    crews = [_Crew(PLAIN, 1, 0, _plain_model, models)]
    crews += [
        _Crew(f"{workers} × {threads or 'all'}", workers, threads, _engine, models)
        for workers, threads in arrangements
    ]
    try:
        turns = [[crew.turn(TEXTS[:texts]) for crew in crews] for _ in range(rounds)]
    finally:
        for crew in crews:
            crew.close()
    return [_median([turn[place] for turn in turns]) for place in range(len(crews))]


def _median(runs: Sequence[Run]) -> Run:
    first = runs[0]
    batch, lone, start = (median(getattr(run, name) for run in runs) for name in ("batch", "lone", "first"))
    memory = max(run.memory for run in runs)
    return Run(first.name, first.workers, first.threads, first.audio, batch, lone, start, memory)


Speak = Callable[[str], _Spoken]
_speak: Speak | None = None
"""What this process speaks with, made once by `_start`."""


class _Crew:
    """Processes that wait, loaded, for their turn."""

    def __init__(
        self, name: str, workers: int, threads: int, make: Callable[[Path, int], Speak], models: Path
    ) -> None:
        self._name, self._workers, self._threads = name, workers, threads
        context = multiprocessing.get_context("spawn")
        ready = context.Barrier(workers + 1)
        self._pool = ProcessPoolExecutor(workers, context, _start, (make, models, threads, ready))
        waiting = [self._pool.submit(_meet) for _ in range(workers)]
        ready.wait(timeout=300)
        for one in waiting:
            one.result()

    def turn(self, texts: Sequence[str]) -> Run:
        started = time.perf_counter()
        spoken = list(self._pool.map(_one, sorted(texts, key=len, reverse=True)))
        batch = time.perf_counter() - started
        lone = self._pool.submit(_one, texts[1]).result()
        memory = max(one.memory for one in (*spoken, lone)) * self._workers
        audio = sum(one.audio for one in spoken)
        return Run(self._name, self._workers, self._threads, audio, batch, lone.wall, lone.first, memory)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _start(make: Callable[[Path, int], Speak], models: Path, threads: int, ready: Barrier) -> None:
    global _speak
    _speak = make(models, threads)
    _speak("Ready.")
    ready.wait(timeout=300)


def _meet() -> None:
    """Runs once a process is up; the barrier in `_start` holds them all together."""


def _one(text: str) -> _Spoken:
    assert _speak is not None
    return _speak(text)


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
        return _Spoken(speech.duration_seconds, time.perf_counter() - started, marks[0], _megabytes())

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
        return _Spoken(len(samples) / rate, wall, wall, _megabytes())

    return speak


def _megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1024**2)
