"""Abbreviations and telephone numbers, by the language's table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from engine.text import numerals
from engine.text.locale import Locale, locale
from engine.text.pieces import Piece, spell_out

_PHONE = re.compile(
    r"(?<![A-Za-z0-9.,])(?:\+\d{1,3}[\s.-]?)?(?:\(0?\d{1,4}\)[\s.-]?)?\d{1,5}(?:[\s.-]\d{2,5}){1,5}"
    r"(?![A-Za-z0-9%]|[.,]\d)"
)
_FEWEST_DIGITS, _MOST_DIGITS = 8, 15


def spell_abbreviations(pieces: Iterable[Piece], table: Locale) -> list[Piece]:
    """`Sr. López` is "señor López"."""
    if not table.abbreviations:
        return list(pieces)
    return spell_out(pieces, _short(table.code), lambda match: _said(match, table))


@cache
def _short(code: str) -> re.Pattern[str]:
    longest = sorted(locale(code).abbreviations, key=len, reverse=True)
    return re.compile("|".join(map(_whole, longest)))


def _whole(written: str) -> str:
    """A letter at an edge must not go on as a word; a mark may stand beside anything."""
    opening = r"(?<!\w)" if written[0].isalpha() else ""
    closing = r"(?!\w)" if written[-1].isalpha() else ""
    return f"{opening}{re.escape(written)}{closing}"


def _said(match: re.Match[str], table: Locale) -> str:
    """At the end of the text the abbreviation's own full stop also ends the sentence."""
    ends = match.end() == len(match.string) and match[0].endswith(".")
    return table.abbreviations[match[0]] + ("." if ends else "")


def spell_phones(pieces: Iterable[Piece], table: Locale) -> list[Piece]:
    """Telephone numbers group by group, each digit by itself; in pairs where that is how they are said."""
    return spell_out(pieces, _PHONE, lambda match: _phone(match[0], table))


def _phone(written: str, table: Locale) -> str | None:
    groups = re.findall(r"\d+", written)
    marks = set(re.findall(r"(?<=\d)[\s.-](?=\d)", written))
    count = sum(map(len, groups))
    # Digits that begin with 0 count nothing; a date or a range has fewer, a grouped number one kind of mark.
    looks = written.startswith(("+", "(", "0")) or (marks == {"-"} and len(groups) > 2)
    if not looks or not _FEWEST_DIGITS <= count <= _MOST_DIGITS:
        return None
    said = ", ".join(_group(group, table) for group in groups)
    return f"{table.symbols.get('+', '')} {said}".strip() if written.startswith("+") else said


def _group(group: str, table: Locale) -> str:
    if table.digits:
        return table.figures.get("space", "").join(table.digits[int(digit)] for digit in group)
    if table.phone_pairs and len(group) == 2:
        first = [numerals.digits("0", table)] if group[0] == "0" else []
        return " ".join([*first, numerals.cardinal(str(int(group)), table)])
    return numerals.digits(group, table)
