"""`sayhook bench`: how fast this machine speaks, what the engine adds to the bare model, and chapters."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.chapter import chapter
from hub.cli.output import Json, print_json, print_rows

if TYPE_CHECKING:
    from engine.speaker import Engine
    from hub.evaluation.speed import Arrangement, Run

app = typer.Typer(help="Measure how fast this machine speaks.", no_args_is_help=True)

SENTENCES = (
    "Good morning, and welcome to the shop.",
    "Your order has left our warehouse and will be with you on Thursday, between nine and noon.",
    "This waterproof jacket weighs only three hundred grams, folds into its own pocket, and keeps you dry "
    "through a whole day of rain in the hills, whatever the forecast said in the morning.",
)

THROUGHPUT_BAR, LONE_BAR = 1.25, 1.0
"""How many times kokoro-onnx's throughput over eight requests, and its speed with one, are to be reached."""

Feed = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of audio, and medians of the seconds the engine and the bare model took for it."""

    audio: float
    engine: float
    model: float

    @property
    def overhead(self) -> float:
        """How many times longer the engine takes than the bare model on the same tokens."""
        return self.engine / self.model

    @property
    def speed(self) -> float:
        """Seconds of speech made per second."""
        return self.audio / self.engine


@app.callback()
def group() -> None:
    """Measure how fast this machine speaks."""


app.command()(chapter)


@app.command()
def engine(
    rounds: Annotated[int, typer.Option(help="How often everything is measured.", min=1)] = 3,
    compare: Annotated[
        bool, typer.Option(help="Also speak eight requests at once, next to kokoro-onnx in a loop.")
    ] = True,
    plot: Annotated[Path | None, typer.Option(help="Draw the throughput into this SVG file.")] = None,
    as_json: Json = False,
) -> None:
    """Compare the whole engine with the bare model, alone and with eight requests at once.

    The first table holds three lengths of text on the same tokens. The second holds workers × threads and
    how many texts each worker speaks at once: seconds of speech a second, and a second of processor time,
    over eight mixed requests; one request alone, its first audio, and the memory of all workers together.
    kokoro-onnx in a loop with its defaults is the line to beat, round by round: the last table says which
    bars each arrangement meets. Without it installed nothing can be compared, and the exit code is 1.
    """
    from rich.console import Console
    from rich.progress import track

    from engine.speaker import Engine
    from hub.evaluation.machine import facts
    from hub.serve import models
    from hub.settings import Settings

    settings, console = Settings(), Console(stderr=True, soft_wrap=True)
    models.ensure(settings.models, console)
    started = time.perf_counter()
    speaker = Engine(settings.models, threads=settings.worker_threads)
    speaker.warm_up()
    typer.echo(f"The engine {speaker.name} was ready in {time.perf_counter() - started:.1f} s.", err=True)
    model = bare_model(settings.models, settings.worker_threads)
    paces = [
        measure(speaker, model, sentence, rounds)
        for sentence in track(SENTENCES, description="Speaking", console=console, transient=True)
    ]
    runs: list[Run] = []
    if compare:
        with console.status("Speaking eight requests at once"):
            runs = _compared(settings.models, rounds)
    if plot is not None and runs:
        plot.write_text(_drawn(runs), "utf-8")
    if as_json:
        rows = [{**_row(pace), "overhead": pace.overhead} for pace in paces]
        requests = [_run_row(run) for run in runs]
        print_json({"machine": facts(), "engine": rows, "requests": requests, "bars": judged(runs)})
        return
    for name, fact in facts().items():
        typer.echo(f"{name}: {fact}")
    print_rows([_row(pace) for pace in paces], as_json=False, empty="")
    print_rows([_run_row(run) for run in runs], as_json=False, empty="")
    print_rows(judged(runs), as_json=False, empty="")


def arrangements(cores: int) -> list[Arrangement]:
    """What is worth comparing: one worker with a text at a time, one with a text a core, and one a core."""
    from hub.evaluation.speed import Arrangement

    if cores == 1:
        return [Arrangement(1, 1)]
    return [Arrangement(1, 0), Arrangement(1, 0, cores), Arrangement(cores, 1)]


def judged(runs: Sequence[Run]) -> list[dict[str, str | float]]:
    """Whether each arrangement of the engine, all after kokoro-onnx itself, meets both bars."""
    return [
        {
            "workers_threads": run.name,
            "throughput_bar": THROUGHPUT_BAR,
            "throughput_met": _met(run.gain, THROUGHPUT_BAR),
            "one_request_bar": LONE_BAR,
            "one_request_met": _met(run.lone_gain, LONE_BAR),
        }
        for run in runs[1:]
    ]


def _met(times_plain: float, bar: float) -> str:
    return "yes" if round(times_plain, 2) >= bar else "no"


def _compared(models: Path, rounds: int) -> list[Run]:
    from hub.evaluation import LibraryMissing
    from hub.evaluation.speed import compare

    try:
        return compare(models, arrangements(os.cpu_count() or 1), rounds=rounds)
    except LibraryMissing as missing:
        typer.echo(f"{missing} Or leave the comparison out with --no-compare.", err=True)
        raise typer.Exit(1) from missing


def _run_row(run: Run) -> dict[str, str | float]:
    return {
        "workers_threads": run.name,
        "real_time_factor": round(run.batch / run.audio, 3),
        "speech_a_second": round(run.throughput, 2),
        "times_plain": round(run.gain, 2),
        "a_processor_second": round(run.frugality, 2),
        "eight_requests_s": round(run.batch, 2),
        "one_request_s": round(run.lone, 2),
        "one_times_plain": round(run.lone_gain, 2),
        "first_audio_s": round(run.first, 2),
        "memory_mb": round(run.memory),
    }


def _drawn(runs: Sequence[Run]) -> str:
    from hub.evaluation.machine import facts
    from hub.evaluation.plot import bars

    rows = [(run.name, run.throughput) for run in runs]
    return bars("Eight mixed requests", "s of speech a second", rows, note=facts()["processor"])


def _row(pace: Pace) -> dict[str, str | float]:
    return {
        "audio_s": round(pace.audio, 2),
        "engine_s": round(pace.engine, 3),
        "model_s": round(pace.model, 3),
        "engine_by_model": round(pace.overhead, 3),
        "real_time_factor": round(pace.engine / pace.audio, 3),
        "speed": round(pace.speed, 2),
    }


def bare_model(models: Path, threads: int) -> Any:
    """A session of the graph that the engine runs, with nothing around it; `threads` 0 means one per core."""
    from engine.assets import MODEL
    from engine.backends import kokoro_graph, sessions
    from engine.models import require

    return sessions.opened(kokoro_graph.soonest(require(models, MODEL)), threads)


def measure(speaker: Engine, model: Any, text: str, rounds: int) -> Pace:
    """Speak `text` and run the bare model on its tokens, in turns, so that both meet the same load."""
    from engine.values import SpeechRequest

    request = SpeechRequest(text=text, language="en")
    with recorded_feeds() as feeds:
        audio = speaker.speak(request).duration_seconds
    run_bare(model, feeds)
    ours, bare = [], []
    for _ in range(rounds):
        ours.append(_seconds(lambda: speaker.speak(request)))
        bare.append(_seconds(lambda: run_bare(model, feeds)))
    return Pace(audio, median(ours), median(bare))


def run_bare(model: Any, feeds: Sequence[Feed]) -> None:
    for feed in feeds:
        model.run(None, feed)


@contextmanager
def recorded_feeds() -> Iterator[list[Feed]]:
    """What the voice model is given inside the block, call by call."""
    from onnxruntime import InferenceSession

    feeds: list[Feed] = []
    run = InferenceSession.run

    def recording(session: Any, outputs: Any, feed: Feed, options: Any = None) -> Any:
        if "tokens" in feed:
            feeds.append(feed)
        return run(session, outputs, feed, options)

    InferenceSession.run = recording
    try:
        yield feeds
    finally:
        InferenceSession.run = run


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
