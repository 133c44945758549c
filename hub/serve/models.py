"""The voice models: fetched once, with a progress bar, before anything starts."""

from __future__ import annotations

import shutil
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from engine import models
from engine.errors import ModelMissing
from hub.serve.failure import CannotStart, FolderUnusable


def ensure(folder: Path, console: Console) -> None:
    """Fetches what is missing or damaged into `folder`; raises `CannotStart` when it cannot be had."""
    if models.verify(folder):
        fetch(folder, console)


def fetch(folder: Path, console: Console) -> None:
    """Fetches every absent or damaged model file, saying the size first; raises `CannotStart`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        wanted = models.download_bytes(folder)
        if shutil.disk_usage(folder).free < 3 * wanted:
            raise FolderUnusable(
                f"The disk of {folder} is too full for the voice models ({wanted / 1e6:.0f} MB to download); "
                "free some space, or set SAYHOOK_MODELS to a folder on another disk."
            )
        console.print(
            f"Fetching the voice models, once: {wanted / 1e6:.0f} MB into {folder}", highlight=False
        )
        for warning in _fetch_with_bars(folder, console):
            console.print(warning, style="yellow", highlight=False)
    except ModelMissing as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        raise FolderUnusable(
            f"The models folder {folder} cannot be used ({error.strerror or error}); "
            "mend it, or set SAYHOOK_MODELS to another."
        ) from error


def _fetch_with_bars(folder: Path, console: Console) -> tuple[str, ...]:
    columns = (TextColumn("  {task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=console) as progress:

        def report(bundle: str, done: int, total: int) -> None:
            if bundle not in bars:
                bars[bundle] = progress.add_task(bundle, total=total)
            progress.update(bars[bundle], completed=done, total=total)

        return models.fetch(folder, report)
