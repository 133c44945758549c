"""Japanese phonemes: OpenJTalk reads the words, misaki spells the readings.

misaki 0.9 spells for a later model; Kokoro v1.0 was trained on the spelling of misaki 0.7, so its symbols
are put back here.
"""

from __future__ import annotations

import re
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from misaki.ja import JAG2P

_lock = Lock()
_UNKNOWN = "❓"

_AS_TRAINED = (
    (
        re.compile("[ᶄᶃƫᶁᶀᶈᶆᶉKG]"),
        {
            "ᶄ": "kʲ",
            "ᶃ": "gʲ",
            "ƫ": "tʲ",
            "ᶁ": "dʲ",
            "ᶀ": "bʲ",
            "ᶈ": "pʲ",
            "ᶆ": "mʲ",
            "ᶉ": "rʲ",
            "K": "kw",
            "G": "gw",
        },
    ),
    (re.compile("[kgbpmr]i"), {pair: f"{pair[0]}ʲi" for pair in ("ki", "gi", "bi", "pi", "mi", "ri")}),
    (
        re.compile("z[aeo]|[szʦ]u|ni|hi|fu"),
        {
            "za": "ʣa",
            "ze": "ʣe",
            "zo": "ʣo",
            "su": "sɨ",
            "zu": "zɨ",
            "ʦu": "ʦɨ",
            "ni": "ɲi",
            "hi": "çi",
            "fu": "ɸu",
        },
    ),
    (re.compile("[gruw]"), {"g": "ɡ", "r": "ɾ", "u": "ɯ", "w": "β"}),
    (re.compile("ɴ(?=[mpb])"), {"ɴ": "m"}),
    (re.compile("ɴ(?=[kɡ])"), {"ɴ": "ŋ"}),
    (re.compile("ɴ(?=[ɲʨʥ])"), {"ɴ": "ɲ"}),
    (re.compile("ɴ(?=[ntdɾz])"), {"ɴ": "n"}),
)


def phonemes(text: str) -> str:
    with _lock:
        spelled, _ = _reader()(text)
    # misaki appends a pitch mark for every symbol, which this model was not trained to read
    sounds: str = spelled[: len(spelled) // 2].replace(_UNKNOWN, "").strip()
    for pattern, symbols in _AS_TRAINED:
        sounds = _respelled(sounds, pattern, symbols)
    return sounds


def _respelled(sounds: str, pattern: re.Pattern[str], symbols: dict[str, str]) -> str:
    return pattern.sub(lambda match: symbols[match[0]], sounds)


@cache
def _reader() -> JAG2P:
    from misaki.ja import JAG2P

    return JAG2P(version="pyopenjtalk", unk=_UNKNOWN)
