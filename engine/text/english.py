"""What English writes short and says long: abbreviations, ordinals, years, fractions, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.text import numerals, roman
from engine.text.locale import locale
from engine.text.pieces import Piece, spell_out

_ABBREVIATIONS = {
    "Mr.": "Mister",
    "Mrs.": "Missus",
    "Ms.": "Miz",
    "Dr.": "Doctor",
    "Prof.": "Professor",
    "Sr.": "Senior",
    "Jr.": "Junior",
    "Gov.": "Governor",
    "Sen.": "Senator",
    "Rep.": "Representative",
    "Gen.": "General",
    "Capt.": "Captain",
    "Lt.": "Lieutenant",
    "Sgt.": "Sergeant",
    "Hon.": "Honorable",
    "Rev.": "Reverend",
    "Mt.": "Mount",
    "Ft.": "Fort",
    "vs.": "versus",
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "approx.": "approximately",
    "dept.": "department",
    "est.": "established",
    "Inc.": "Incorporated",
    "Ltd.": "Limited",
    "Corp.": "Corporation",
    "Co.": "Company",
    "Ave.": "Avenue",
    "Blvd.": "Boulevard",
    "Rd.": "Road",
    "w/o": "without",
    "w/": "with",
    "a.k.a.": "also known as",
    "24/7": "twenty-four seven",
}
_ENGLISH = locale("en")
_SHORT = re.compile(r"(?<!\w)(?:" + "|".join(re.escape(word) for word in _ABBREVIATIONS) + r")(?!\w)")
_STREET = re.compile(r"(?<=[a-z]\s)St\.(?=[\s,]|$)")
_SAINT = re.compile(r"\bSt\.(?=\s[A-Z])")
_NUMBER_SIGN = re.compile(r"(?:#|\bNo\.\s?)(?=\d)")
_HASHTAG = re.compile(r"(?<!\w)#(?=[^\W\d_])")
_ORDINAL = re.compile(r"(?<![\w.,])(\d{1,4})(?:st|nd|rd|th)\b")
_DECADE = re.compile(r"(?<![\w.,])'?((?:1[1-9]|20)?\d0)['’]?s\b")
_YEAR = re.compile(
    r"(?<![\w.,$€£/-])(1[1-9]\d\d|20\d\d)(?![\w%°€$£/]|[.,:]\d|-\d{3}|\s?(?:km|kg|m|g|MB|GB|ml|px)\b)"
)
_YEARS = re.compile(r"(?<![\w.,$€£/-])(1[1-9]\d\d|20\d\d)\s?[-–—]\s?(1[1-9]\d\d|20\d\d)(?![\w%-])")
_FRACTION = re.compile(r"(?<![\w/.])(?:(\d{1,3})\s)?([1-9]\d?)/([2-9]|1\d|[2-9]0|100)(?![\w/])")
_PHONE = re.compile(
    r"(?<![\w.])(?:\+\d{1,3}[\s.-]?)?(?:\(\d{2,4}\)[\s.-]?)?\d{2,4}(?:[\s.-]\d{2,4}){1,4}(?![\w%]|[.,]\d)"
)
_VERSION = re.compile(r"(?<![\w.])[vV]?(\d+(?:\.\d+){2,})(?![\w])")
_EARLY_YEAR = re.compile(r"(?:(?<=\b[Ii]n )|(?<=\byear ))10\d\d(?![\w%°€$£/]|[.,:]\d|\s[a-z])")
_DIMENSIONS = re.compile(r"(?<=\d\s)[x×](?=\s\d)|(?<=\d)[x×](?=\d)")
_LETTERED = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z]{2,}\b)")


def spell_english(pieces: Iterable[Piece]) -> list[Piece]:
    """Everything of this module's title; money, units, dates and plain numbers have their own modules."""
    done = spell_out(pieces, _SHORT, lambda match: _abbreviation(match))
    done = spell_out(done, _SAINT, lambda match: "Saint")
    done = spell_out(done, _STREET, lambda match: "Street")
    done = spell_out(done, _NUMBER_SIGN, lambda match: "number")
    done = spell_out(done, _HASHTAG, lambda match: "hashtag")
    done = spell_out(done, _YEARS, lambda match: f"{_year(match[1])} to {_year(match[2])}")
    done = spell_out(done, _PHONE, _phone)
    done = spell_out(done, _VERSION, _version)
    done = spell_out(done, _ORDINAL, lambda match: numerals.ordinal(int(match[1]), _ENGLISH))
    done = spell_out(done, _DECADE, _decade)
    done = spell_out(done, _YEAR, lambda match: _year(match[1]))
    done = spell_out(done, _EARLY_YEAR, lambda match: _year(match[0]))
    done = spell_out(done, _DIMENSIONS, lambda match: "by")
    done = spell_out(done, roman.NUMERAL, roman.spoken)
    return spell_out(done, _FRACTION, _fraction)


def _abbreviation(match: re.Match[str]) -> str:
    """At the end of the text the abbreviation's own full stop also ends the sentence."""
    ends = match.end() == len(match.string) and match[0].endswith(".")
    return _ABBREVIATIONS[match[0]] + ("." if ends else "")


def _phone(match: re.Match[str]) -> str | None:
    written = match[0]
    groups = re.findall(r"\d+", written)
    count = sum(len(group) for group in groups)
    looks = written.startswith(("+", "(")) or (
        count >= 7 and len(groups[-1]) == 4 and len(set(re.findall(r"[\s.-]", written))) == 1
    )
    if len(groups) == 2 and len(groups[0]) != 3:
        return None
    if not looks or not 7 <= count <= 15 or (" " in written and not written.startswith(("+", "("))):
        return None
    spoken = ", ".join(numerals.digits(group, _ENGLISH) for group in groups)
    return f"plus {spoken}" if written.startswith("+") else spoken


def _version(match: re.Match[str]) -> str:
    numbers = " point ".join(numerals.cardinal(part, _ENGLISH) for part in match[1].split("."))
    return f"version {numbers}" if match[0][0] in "vV" else numbers


def _decade(match: re.Match[str]) -> str:
    words = _year(match[1]) if len(match[1]) == 4 else numerals.cardinal(match[1], _ENGLISH)
    return (words[:-1] + "ies") if words.endswith("y") else words + "s"


def _year(written: str) -> str:
    return numerals.year(int(written), _ENGLISH)


def _fraction(match: re.Match[str]) -> str | None:
    whole, above, below = match[1], int(match[2]), int(match[3])
    if above >= below:
        return None
    part = {2: "half", 4: "quarter"}.get(below) or numerals.ordinal(below, _ENGLISH)
    many = {"half": "halves"}.get(part, f"{part}s")
    if whole and (above, below) == (1, 2):
        return f"{numerals.cardinal(whole, _ENGLISH)} and a half"
    spoken = f"{numerals.cardinal(str(above), _ENGLISH)} {part if above == 1 else many}"
    return f"{numerals.cardinal(whole, _ENGLISH)} and {spoken}" if whole else spoken
