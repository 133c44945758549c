"""`sayhook bench`: how fast this machine speaks."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from hub.cli.output import Json, print_json

SENTENCES = (
    "Good morning, and welcome to the shop.",
    "Your order has left our warehouse and will be with you on Thursday, between nine and noon.",
    "This waterproof jacket weighs only three hundred grams, folds into its own pocket, and keeps you dry "
    "through a whole day of rain in the hills, whatever the forecast said in the morning.",
)


def bench(
    rounds: Annotated[int, typer.Option(help="How often each sentence is spoken.", min=1)] = 3,
    as_json: Json = False,
) -> None:
    """Measure how many seconds of speech this machine makes per second."""
    from rich.console import Console
    from rich.progress import track

    from engine.speaker import Engine
    from engine.values import SpeechRequest
    from hub.serve import models
    from hub.settings import Settings

    settings, console = Settings(), Console(stderr=True)
    models.ensure(settings.models, console)
    loading = time.perf_counter()
    engine = Engine(settings.models, threads=settings.worker_threads)
    engine.warm_up()
    loaded = time.perf_counter() - loading
    spoken = worked = 0.0
    for sentence in track(SENTENCES * rounds, description="Speaking", console=console, transient=True):
        started = time.perf_counter()
        spoken += engine.speak(SpeechRequest(text=sentence, language="en")).duration_seconds
        worked += time.perf_counter() - started
    if as_json:
        print_json({"engine": engine.name, "load_seconds": loaded, "speed": spoken / worked})
        return
    typer.echo(f"{engine.name}: {spoken / worked:.1f} seconds of speech per second; loads in {loaded:.1f} s.")
