"""Emoji by name, addresses spelled, symbols in words, and what cannot be said at all set aside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

import emoji

from engine.text.locale import Locale, locale
from engine.text.marks import SPOKEN_MARKS
from engine.text.pieces import Piece, spell_out
from engine.text.scripts import script_of

_ADDRESS = re.compile(
    r"(?<![\w@.])(?:https?://|www\.)[^\s<>\"“”()]+[\w/]|(?<![\w@.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|co|app|ai|edu|gov|shop|store|uk|de|fr|es|it|br|in|jp|cn)\b(?:/[^\s<>\"“”()]*[\w/])?",
    re.IGNORECASE,
)
_PRICE = re.compile(r"([$€£¥₹])\s?(\d+(?:[.,]\d+)*)")
_JOINERS = "\u200c\u200d"
_SLASH = re.compile(r"(?<=\w)/(?=\w)")


def spell_addresses(pieces: Iterable[Piece], table: Locale) -> list[Piece]:
    """Web and mail addresses with their marks in words, in English where the language has none."""
    words = table.address or locale("en").address
    return spell_out(pieces, _ADDRESS, lambda match: _address(match[0], words))


def _address(written: str, words: Mapping[str, str]) -> str:
    written = re.sub(r"^https?://(?:www\.)?|^www\.", "", written, flags=re.IGNORECASE).rstrip("/")
    parts = re.split(r"([^\w])|(_)", written)
    return " ".join(words.get(part, part) for part in parts if part)


def spell_emoji(pieces: Iterable[Piece], code: str) -> list[Piece]:
    """Emoji by name, in English where the language has none; a run of the same one is said once."""
    language = code if code in emoji.LANGUAGES else "en"
    return [
        done for piece in pieces for done in ([piece] if piece.settled else _named(piece.shown, language))
    ]


def _named(text: str, language: str) -> list[Piece]:
    found = [
        (match["match_start"], match["match_end"], match["emoji"])
        for match in emoji.emoji_list(text)
        if not _is_plain(match["emoji"])
    ]
    if not found:
        return [Piece(text, text)]
    done: list[Piece] = []
    at = 0
    for start, end, name in _runs(text, found, language):
        if start > at:
            done.append(Piece(text[at:start], text[at:start]))
        done.append(Piece(text[start:end], f", {name}, " if done else f"{name}, ", settled=True))
        at = end
    return [*done, Piece(text[at:], text[at:])] if at < len(text) else done


def _runs(text: str, found: list[tuple[int, int, str]], language: str) -> Iterable[tuple[int, int, str]]:
    """Neighbouring emoji of one name as one, with nothing or only spaces between."""
    groups: list[tuple[int, int, str]] = []
    for start, end, sign in found:
        name = _name(sign, language)
        if groups and groups[-1][2] == name and not text[groups[-1][1] : start].strip():
            groups[-1] = (groups[-1][0], end, name)
        else:
            groups.append((start, end, name))
    return groups


def _name(sign: str, language: str) -> str:
    name = emoji.demojize(sign, language=language).strip(":")
    if name == sign:
        name = emoji.demojize(sign, language="en").strip(":")
    return re.sub(r"[_\s]+", " ", name).strip() if name != sign else ""


def _is_plain(sign: str) -> bool:
    """©, ® and ™ are symbols of text although Unicode counts them as emoji."""
    return sign[0] in "©®™" or sign.isascii()


def spell_symbols(pieces: Iterable[Piece], table: Locale) -> tuple[list[Piece], tuple[str, ...]]:
    """Symbols in words where the language has one; the rest are left out and returned."""
    names = table.symbols
    done = list(pieces)
    if not table.numbers and not table.figures:
        done = spell_out(done, _PRICE, lambda match: _price(match, names))
    if names:
        pattern = re.compile("|".join(re.escape(name) for name in names))
        done = spell_out(done, pattern, lambda match: f" {names[match[0]]} ".strip())
    done = spell_out(done, _SLASH, lambda match: " ")
    left_out: dict[str, None] = {}
    done = [
        part for piece in done for part in ([piece] if piece.settled else _sayable(piece.shown, left_out))
    ]
    return done, tuple(left_out)


def _price(match: re.Match[str], names: Mapping[str, str]) -> str | None:
    """The amount before the currency, as most languages say it."""
    return f"{match[2]} {names[match[1]]}" if match[1] in names else None


def _sayable(text: str, left_out: dict[str, None]) -> Iterator[Piece]:
    for sayable, group in groupby(text, key=_is_sayable):
        characters = "".join(group)
        if not sayable:
            left_out.update(dict.fromkeys(characters.strip("\ufe0f\u200d")))
        yield Piece(characters, characters if sayable else "", settled=not sayable)


def _is_sayable(character: str) -> bool:
    if character.isspace() or character in SPOKEN_MARKS:
        return True
    kind = unicodedata.category(character)
    if kind == "Lm" or kind.startswith("M") or character in _JOINERS:
        return True
    return script_of(character) is not None if kind.startswith("L") else kind == "Nd"
