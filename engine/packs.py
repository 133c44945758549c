"""Style packs: the stock voices of Kokoro, each a table of styles by phoneme count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

from engine import models
from engine.assets import STYLES
from engine.errors import ModelMissing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROWS, DIMENSIONS = 510, 256

_LANGUAGES = {
    "a": "en",
    "b": "en",
    "e": "es",
    "f": "fr",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt",
    "z": "zh",
}


_STOCK_VOICE = re.compile(r"\b[abefhijpz][fm]_[a-z]+")


def leading(name: str) -> str | None:
    """The first stock voice in the name of a made one: `leading("clone of bf_emma+af_sky") == "bf_emma"`."""
    found = _STOCK_VOICE.search(name)
    return found[0] if found else None


def language_of(name: str) -> str:
    """The language code a stock voice was made for: `language_of("bf_emma") == "en"`."""
    return _LANGUAGES[name[0]]


def gender_of(name: str) -> Literal["female", "male"]:
    return "female" if name[1] == "f" else "male"


def is_british(name: str) -> bool:
    return name[0] == "b"


class Packs(Mapping[str, "NDArray[np.float32]"]):
    """The installed style packs by name, read when first asked for.

    Each is a read-only float32 array of shape (510, 256) whose row n-1 serves a phrase of n phonemes.
    Raises `ModelMissing` for a pack that is absent or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._assets = {asset.name: asset for asset in models.installed(folder)}
        self._loaded: dict[str, NDArray[np.float32]] = {}
        self._lock = Lock()
        if not self._assets:
            raise ModelMissing(f"No voice styles are installed: {models.MEND}.")

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = self._read(name)
            return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._assets)

    def __len__(self) -> int:
        return len(self._assets)

    def _read(self, name: str) -> NDArray[np.float32]:
        import numpy as np

        if name not in self._assets:
            if any(style.name == name for style in STYLES):
                raise ModelMissing(f"The voice {name} is not installed: {models.MEND}.")
            raise KeyError(name)
        path = models.require(self._folder, self._assets[name])
        # frombuffer over bytes is read-only, so no request can alter another's voice
        return np.frombuffer(path.read_bytes(), dtype="<f4").reshape(ROWS, DIMENSIONS)
