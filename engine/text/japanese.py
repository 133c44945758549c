"""Japanese phonemes: OpenJTalk reads the words, misaki spells the readings.

misaki 0.9 spells for a later model; Kokoro v1.0 was trained on the spelling of misaki 0.7, so its symbols
are put back here.
"""

from __future__ import annotations

import re
import warnings
from threading import Lock

_lock = Lock()

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
    """Phonemes in accent phrases separated by spaces."""
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyopenjtalk calls its dictionary by a name that is going away
        phrases = _phrases(text)
    sounds = " ".join(phrase for phrase in phrases if phrase)
    for pattern, symbols in _AS_TRAINED:
        sounds = _respelled(sounds, pattern, symbols)
    return sounds


def _phrases(text: str) -> list[str]:
    import pyopenjtalk
    from misaki.ja import JAG2P, M2P

    phrases = [""]
    for word in pyopenjtalk.run_frontend(text):
        if word["mora_size"] == 0:
            phrases.append("")
            continue
        if word["chain_flag"] != 1:
            phrases.append("")
        phrases[-1] += "".join(M2P[mora] for mora in JAG2P.pron2moras(word["pron"]))
    return phrases


def _respelled(sounds: str, pattern: re.Pattern[str], symbols: dict[str, str]) -> str:
    return pattern.sub(lambda match: symbols[match[0]], sounds)
