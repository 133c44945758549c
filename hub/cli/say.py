"""`sayhook say`: one sentence into a file, without a server."""

from __future__ import annotations

import errno
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

STDOUT = Path("-")


class Format(StrEnum):
    wav = "wav"
    mp3 = "mp3"
    flac = "flac"
    opus = "opus"


def say(
    text: Annotated[str, typer.Argument(help="What to say; may begin with a cue: (cheerful) Good morning!")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write; - is standard output.")],
    voice: Annotated[str | None, typer.Option(help="Describe the voice in plain English.")] = None,
    language: Annotated[str, typer.Option(help="Language code, or auto.")] = "auto",
    audio_format: Annotated[
        Format | None, typer.Option("--format", help="Default: from the file's name, else wav.")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="Recording to clone, 5 s or longer.", exists=True, dir_okay=False)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same voice.")] = None,
) -> None:
    """Speak a text into a file; needs no server and no account.

    Examples:

        sayhook say "(cheerful) Good morning!" -o morning.mp3

        sayhook say "Willkommen." -o hallo.wav --language de --voice "an old man with a deep voice"

        sayhook say "In my own voice." -o me.wav --reference recording.wav
    """
    from rich.console import Console
    from rich.progress import Progress

    from engine.reference import inspect
    from engine.values import AudioFormat, SpeechRequest
    from hub.serve import models
    from hub.settings import Settings

    if output != STDOUT and not output.parent.is_dir():  # told before the work, not after it
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(output))
    settings, console = Settings(), Console(stderr=True, soft_wrap=True)
    recording = reference.read_bytes() if reference else None
    if recording is not None:
        inspect(recording)
    chosen = audio_format or _format_of(output)
    request = SpeechRequest(
        text=text,
        language=language,
        description=voice,
        reference=recording,
        seed=seed,
        format=AudioFormat(chosen.value),
    )
    models.ensure(settings.models, console)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Loading the voice", total=1.0)
        from hub.engines import open_engine

        engine = open_engine(settings)
        progress.update(task, description="Speaking")
        speech = engine.speak(request, progress=lambda share: progress.update(task, completed=share))
    for warning in speech.warnings:
        typer.echo(f"Note: {warning}", err=True)
    if output == STDOUT:
        sys.stdout.buffer.write(speech.audio)
        sys.stdout.buffer.flush()
        return
    output.write_bytes(speech.audio)
    typer.echo(
        f"{output}: {speech.duration_seconds:.1f} s of {speech.language}, seed {speech.seed}.", err=True
    )


def _format_of(output: Path) -> Format:
    suffix = output.suffix.lower().lstrip(".")
    if suffix in ("", *Format) or output == STDOUT:
        return Format(suffix or "wav")
    if suffix in ("ogg", "oga"):
        return Format.opus
    raise typer.BadParameter(
        f"{output.suffix} is not a format; use .wav, .mp3, .flac or .opus, or say --format.", param_hint="-o"
    )
