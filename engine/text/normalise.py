"""Cleaned text as words to speak, and what of it cannot be spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.languages import LANGUAGES
from engine.text.amounts import spell_amounts
from engine.text.calendar import spell_calendar
from engine.text.dictionary import Dictionary
from engine.text.english import spell_english
from engine.text.figures import spell_figures
from engine.text.locale import locale
from engine.text.pieces import Piece, SpokenWord, plain, spell_out, words
from engine.text.shortenings import spell_abbreviations, spell_phones
from engine.text.symbols import spell_addresses, spell_emoji, spell_symbols

_LINE_END = re.compile(r"(?<=[^\W_])\n")
_KANJI_WORD = re.compile(
    r"[\u3400-\u9fff々]+[\u3041-\u309f]*|[\u30a0-\u30ff]+|[\u3041-\u309f]+|[a-zA-Z0-9.,]+|\S"
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """`left_out` are the characters that have no words and no sound, each once."""

    words: tuple[SpokenWord, ...]
    left_out: tuple[str, ...]


def normalise(text: str, code: str, dictionary: Dictionary | None = None) -> Normalised:
    """The words of cleaned `text`, spelled out for the language `code`; the dictionary comes first."""
    table = locale(code)
    pieces = dictionary.spell(plain(text)) if dictionary else plain(text)
    pieces = spell_out(pieces, _LINE_END, lambda match: ". ")
    pieces = spell_emoji(pieces, code)
    pieces = spell_addresses(pieces, table)
    if code == "en":
        pieces = _spell_english(pieces)
    else:
        pieces = spell_abbreviations(pieces, table)
        pieces = spell_phones(spell_calendar(pieces, table), table) if table.numbers else pieces
    if table.numbers:
        pieces = spell_amounts(pieces, table)
    elif table.figures:
        pieces = spell_figures(pieces, table)
    pieces, left_out = spell_symbols(pieces, table)
    found = words(pieces)
    if LANGUAGES[code].script in ("Hans", "Jpan"):
        found = [part for word in found for part in _unspaced(word, code)]
    return Normalised(tuple(found), left_out)


def _spell_english(pieces: Iterable[Piece]) -> list[Piece]:
    """Dates before years, so that "May 5, 2026" is not taken for a number and a year."""
    return spell_english(spell_calendar(pieces, locale("en")))


def _unspaced(word: SpokenWord, code: str) -> list[SpokenWord]:
    """The words inside a stretch of writing that has no spaces; a respelled one stays whole."""
    if word.shown != word.spoken:
        return [word]
    if code == "zh":
        from engine.text import mandarin

        parts = mandarin.split(word.spoken)
    else:
        parts = _KANJI_WORD.findall(word.spoken)
    joined: list[str] = []
    for part in parts:
        if joined and not any(character.isalnum() for character in part):
            joined[-1] += part
        else:
            joined.append(part)
    return [SpokenWord(part, part) for part in joined]
