"""`sayhook bench chapter`: is a whole chapter one steady file, whatever happens to the worker?"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.output import Json, print_json, print_rows

if TYPE_CHECKING:
    from engine.longform import Part
    from hub.evaluation.chapter_run import SpokenChapter
    from hub.evaluation.figures import Figure

FEWEST_CHARACTERS = 200
_MET = {True: "yes", False: "NO", None: "-"}


def chapter(
    text: Annotated[
        Path, typer.Argument(help="English text, plain or Markdown.", exists=True, dir_okay=False)
    ],
    characters: Annotated[
        int, typer.Option(help="How much of it to speak.", min=FEWEST_CHARACTERS, max=50_000)
    ] = 20_000,
    kills: Annotated[int, typer.Option(help="How often the worker is killed (SIGKILL).", min=0)] = 2,
    audio: Annotated[Path | None, typer.Option(help="Keep the audio in this WAV file.")] = None,
    as_json: Json = False,
) -> None:
    """Speak a chapter with a hub of its own, kill the worker on the way, and listen to the result.

    Prints word errors, the longest run of words that were lost or came twice, how far the loudness of half
    minutes is from that of the whole, and how far word times are from Whisper's. Ends with exit code 1 when
    a bar is not met. 20,000 characters take a quarter of an hour on two cores.
    """
    from rich.console import Console
    from rich.progress import Progress

    from hub.evaluation import LibraryMissing
    from hub.evaluation.chapter import chapter_figures
    from hub.evaluation.chapter_run import ChapterFailed, settings_in, speak_chapter
    from hub.evaluation.libraries import Transcriber
    from hub.serve import models
    from hub.settings import Settings

    parts = planned(text, characters, kills)
    settings, console = Settings(), Console(stderr=True, soft_wrap=True)
    models.ensure(settings.models, console)
    try:
        listen = Transcriber()
        with (
            tempfile.TemporaryDirectory(prefix="sayhook-chapter-") as folder,
            Progress(console=console) as bar,
        ):
            task = bar.add_task("Speaking", total=1.0)
            chapter_settings = settings_in(Path(folder), settings.models)
            spoken = asyncio.run(
                speak_chapter(chapter_settings, parts, kills, lambda share: bar.update(task, completed=share))
            )
    except (LibraryMissing, ChapterFailed) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if audio is not None:
        audio.write_bytes(spoken.audio)
    said = " ".join(part.text for part in parts)
    with console.status("Listening"):
        figures = chapter_figures(spoken.audio, spoken.words, said, listen)
    tell(spoken, len(said), figures, kills, as_json=as_json)


def planned(text: Path, characters: int, kills: int) -> tuple[Part, ...]:
    """The parts of the beginning of a file. Raises `typer.BadParameter` where no chapter can come of it."""
    from engine.longform import plan_text

    try:
        written = text.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{text.name} is not text in UTF-8.") from error
    parts = plan_text(_beginning(written.strip(), characters))
    count = sum(len(part.text) for part in parts)
    if count < FEWEST_CHARACTERS:
        raise typer.BadParameter(
            f"{text.name} holds {count} characters to speak; a chapter needs at least {FEWEST_CHARACTERS}."
        )
    if len(parts) <= kills:
        raise typer.BadParameter(
            f"A chapter of {len(parts)} part{'s' * (len(parts) > 1)} cannot be interrupted {kills} times: "
            "take a longer text or a lower --kills."
        )
    return parts


def tell(
    spoken: SpokenChapter, characters: int, figures: Sequence[Figure], kills: int, *, as_json: bool
) -> None:
    """Prints what came out. Raises `typer.Exit` with code 1 when a bar or a kill was missed."""
    facts = {
        "characters": characters,
        "parts": spoken.parts,
        "kills": spoken.kills,
        "credits": spoken.charged,
        "seconds": round(spoken.seconds, 1),
    }
    rows = [
        {
            "figure": figure.name,
            "value": round(figure.value, 4),
            "bar": figure.bar,
            "met": figure.met if as_json else _MET[figure.met],
            "words": figure.count,
        }
        for figure in figures
    ]
    if as_json:
        print_json({"chapter": facts, "figures": rows})
    else:
        typer.echo(", ".join(f"{value} {name}" for name, value in facts.items()))
        print_rows(rows, as_json=False, empty="")
    if spoken.kills < kills:
        typer.echo(f"The worker was killed {spoken.kills} times instead of {kills}.", err=True)
    if spoken.kills < kills or any(figure.met is False for figure in figures):
        raise typer.Exit(1)


def _beginning(text: str, characters: int) -> str:
    """So much of a text, to the end of a sentence."""
    if len(text) <= characters:
        return text
    end = max(text.rfind(mark, 0, characters) for mark in (". ", ".\n", "! ", "? "))
    return text[: end + 1 if end > 0 else characters]
