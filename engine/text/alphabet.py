"""The symbols Kokoro v1.0 knows: phonemes, stress, tone and punctuation, from its published configuration."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources


@cache
def alphabet() -> dict[str, int]:
    """Token ids by symbol; 0 is the padding."""
    text = resources.files("engine.text").joinpath("alphabet.json").read_text(encoding="utf-8")
    known: dict[str, int] = json.loads(text)
    return known


def split_known(phonemes: str) -> tuple[str, tuple[str, ...]]:
    """The phonemes the model can say, and those it cannot, each once."""
    known = alphabet()
    unknown = dict.fromkeys(symbol for symbol in phonemes if symbol not in known)
    return "".join(symbol for symbol in phonemes if symbol in known), tuple(unknown)
