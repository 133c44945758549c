"""Voices that a model made up, each kept as a recording of one sentence.

A model that only reads a description makes up somebody else for every text. So whoever a description and a
seed stand for speaks one sentence, once, and that recording is the reference of all that they say: in the
parts of a chapter, in a saved voice, in another worker over the same folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

SENTENCE = (
    "The harbour lay quiet that morning, and from the hill you could watch the boats come home one by one."
)
"""About six seconds: enough to know a voice by."""

_VERSION = 1
"""Goes up whenever the same description would be auditioned otherwise."""

_KEPT = 512


class MadeVoices:
    """`folder` is made when first written to; safe to share between processes. `most` files are kept, the
    longest unused go first."""

    def __init__(self, folder: Path, *, most: int = _KEPT) -> None:
        self._folder = folder
        self._most = most

    def reference(self, who: str, seed: int, audition: Callable[[], bytes]) -> bytes:
        """The WAV that `audition` gave for a description and a seed when they were first met."""
        path = self._folder / f"{_key(who, seed)}.wav"
        with contextlib.suppress(OSError):
            kept = path.read_bytes()
            os.utime(path)
            return kept
        made = audition()
        self._keep(path, made)
        return made

    def _keep(self, path: Path, made: bytes) -> None:
        """Whole or not at all; where it cannot be written, the next text auditions again."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(made)
            Path(name).replace(path)
            for old in sorted(self._folder.glob("*.wav"), key=_age, reverse=True)[self._most :]:
                old.unlink(missing_ok=True)


def _key(who: str, seed: int) -> str:
    return hashlib.sha256(f"{_VERSION}\0{seed}\0{who}".encode()).hexdigest()


def _age(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0
