"""What is known of the stock voices, read from the table beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_GRADES = {
    "A": 1.0,
    "A-": 0.95,
    "B-": 0.8,
    "C+": 0.7,
    "C": 0.6,
    "C-": 0.5,
    "D+": 0.4,
    "D": 0.3,
    "D-": 0.2,
    "F+": 0.0,
}

_DEFAULTS = {
    "en": "af_heart",
    "es": "ef_dora",
    "fr": "ff_siwis",
    "hi": "hf_alpha",
    "it": "if_sara",
    "ja": "jf_alpha",
    "pt": "pf_dora",
    "zh": "zf_xiaoxiao",
}

ACCENTS = {"en": "ab", "es": "e", "fr": "f", "hi": "h", "it": "i", "ja": "j", "pt": "p", "zh": "z"}
"""First letters of the packs made for a language."""


@dataclass(frozen=True, slots=True)
class StockVoice:
    """`pitch` in hertz, `spread` in semitones, `bright` in decibels, `pace` in phonemes a second,
    `grade` 0 to 1."""

    name: str
    pitch: float
    spread: float
    bright: float
    pace: float
    grade: float
    age: str | None

    @property
    def accent(self) -> str:
        return self.name[0]

    @property
    def gender(self) -> str:
        return "female" if self.name[1] == "f" else "male"


@cache
def stock_voices() -> Mapping[str, StockVoice]:
    table = tomllib.loads(files(__package__).joinpath("stock.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            name: StockVoice(
                name,
                pitch=row["pitch"],
                spread=row["spread"],
                bright=row["bright"],
                pace=row["pace"],
                grade=_GRADES[row["grade"]],
                age=row.get("age"),
            )
            for name, row in table.items()
        }
    )


def default_voice(language: str) -> str:
    """The stock voice that speaks when nothing was asked for."""
    return _DEFAULTS.get(language, "af_heart")
