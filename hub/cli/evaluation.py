"""`sayhook eval`: how well the engine does what it promises."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.output import Json, print_json, print_rows

_BETTER = {True: "yes", False: "NO", None: "-"}


def evaluate(
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="A section: reading, design, detection, symbols, words, quality, clones, clone_words, "
            "clone_steps."
        ),
    ] = None,
    recordings: Annotated[
        Path | None,
        typer.Option(help="One folder of recordings per person, for clones.", exists=True, file_okay=False),
    ] = None,
    people: Annotated[
        int | None, typer.Option(help="At most so many of the people, for clones.", min=1)
    ] = None,
    quick: Annotated[bool, typer.Option(help="A small sample of everything.")] = False,
    save: Annotated[bool, typer.Option(help="Keep these figures as the baseline.")] = False,
    as_json: Json = False,
) -> None:
    """Measure voices, languages, words and clones, and compare with the committed baseline.

    Ends with exit code 1 when a figure has fallen by more than its noise. The whole takes half an hour;
    clones are measured when --recordings says where speech of real people lies: likeness (clones), word
    errors next to a stock voice's (clone_words), and what inference_timesteps buys (clone_steps).
    """
    from rich.console import Console

    from hub.evaluation import SECTIONS, LibraryMissing, fallen, read_baseline, write_baseline
    from hub.evaluation.bench import Bench
    from hub.evaluation.sections import NEED_PEOPLE
    from hub.serve import models
    from hub.settings import Settings

    wanted = only or [name for name in SECTIONS if name not in NEED_PEOPLE or recordings]
    if unknown := [name for name in wanted if name not in SECTIONS]:
        raise typer.BadParameter(f"{unknown[0]} is not a section; use {', '.join(SECTIONS)}.")
    if recordings is None and (without := NEED_PEOPLE.intersection(wanted)):
        raise typer.BadParameter(f"{min(without)} needs --recordings: a folder with one folder per person.")
    settings, console = Settings(), Console(stderr=True, soft_wrap=True)
    models.ensure(settings.models, console)
    bench = Bench(settings.models, recordings, quick=quick, threads=settings.worker_threads, people=people)
    figures, baseline = [], read_baseline()
    for name in wanted:
        with console.status(f"Measuring {name}"):
            try:
                figures += SECTIONS[name](bench)
            except LibraryMissing as missing:
                typer.echo(f"{name} is left out. {missing}", err=True)
    rows = [
        {
            "figure": figure.name,
            "value": round(figure.value, 4),
            "noise": round(figure.noise, 3),
            "bar": figure.bar,
            "met": figure.met if as_json else _BETTER[figure.met],
            "before": baseline.get(figure.name),
            "samples": figure.count,
        }
        for figure in figures
    ]
    print_json(rows) if as_json else print_rows(rows, as_json=False, empty="Nothing was measured.")
    if save:
        write_baseline(figures)
        return
    worse = [] if quick else fallen(figures, baseline)
    for sentence in worse:
        typer.echo(sentence, err=True)
    if worse:
        raise typer.Exit(1)
