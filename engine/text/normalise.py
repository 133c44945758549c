"""Cleaned text as words to speak."""

from __future__ import annotations

import re

from engine.text.pieces import SpokenWord, plain, spell_out, words

_LINE_END = re.compile(r"(?<=\w)\n")


def normalise(text: str, code: str) -> list[SpokenWord]:
    """The words of cleaned `text`, spelled out for the language `code`."""
    pieces = spell_out(plain(text), _LINE_END, lambda match: ". ")
    return words(pieces)
