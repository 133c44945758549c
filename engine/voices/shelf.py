"""Fitted voices kept on disk by their recording's hash, the oldest let go first.

What is kept is a few shares and effects and the colours of eight kinds of sound, never the recording; a file
says nothing about who was recorded.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.voices.effects import Effects
from engine.voices.fit import Fit
from engine.voices.timbre import Timbre

_KEPT = 512


class Shelf:
    """`folder` is made when first written to; safe to share between processes. `most` files are kept."""

    def __init__(self, folder: Path, *, most: int = _KEPT) -> None:
        self._folder = folder
        self._most = most

    def find(self, key: str) -> Fit | None:
        """The fit kept under `key`, or None; a damaged file counts as absent."""
        path = self._folder / f"{key}.json"
        try:
            row = json.loads(path.read_text("utf-8"))
            fit = Fit(
                {str(name): float(share) for name, share in row["shares"].items()},
                _effects(row["effects"]),
                float(row["likeness"]),
                float(row["tempo"]),
                tuple(str(warning) for warning in row["warnings"]),
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return fit

    def keep(self, key: str, fit: Fit) -> None:
        """Written whole or not at all; a full disk or a read-only folder only costs the next fit its time."""
        row = asdict(fit)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(row, file)
            Path(name).replace(self._folder / f"{key}.json")
            self._let_go()

    def _let_go(self) -> None:
        kept = sorted(self._folder.glob("*.json"), key=_age, reverse=True)
        for path in kept[self._most :]:
            path.unlink(missing_ok=True)


def _effects(row: dict[str, Any]) -> Effects:
    timbre = row.pop("timbre")
    return Effects(**row, timbre=None if timbre is None else Timbre.of(timbre))


def _age(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0
