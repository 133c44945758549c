"""Dates and times of day in words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.text import numerals
from engine.text.locale import Locale
from engine.text.pieces import Piece, spell_out

_ISO = re.compile(r"(?<![\w-])(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?![\w-])")
_SLASHED = re.compile(
    r"(?<![\w/.])(?P<a>\d{1,2})(?P<mark>[/.])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4})(?![\w/])"
)
_CLOCK = re.compile(
    r"(?<![\w:.])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\b\.?)?(?![\d:])"
)
_LETTERED = re.compile(r"(?<![\w:.])(?P<hour>[01]?\d|2[0-3])\s?h\s?(?P<minute>[0-5]\d)?(?![\w:])")
_HALF_DAY = re.compile(r"(?<![\w:.])(?P<hour>1[0-2]|[1-9])\s?(?P<half>[AaPp])\.?[Mm]\b\.?")


def spell_calendar(pieces: Iterable[Piece], table: Locale) -> list[Piece]:
    """Dates in figures, days beside the name of a month, and clock times."""
    months = "|".join(map(_month, table.months))
    day = r"(?P<day>3[01]|[12]\d|0?[1-9])"
    tail = r"(?:(?:,?\s|\sde\s)(?P<year>[12]\d{3}))?(?!\w)"
    done = spell_out(pieces, _ISO, lambda match: _date(match["year"], match["month"], match["day"], table))
    done = spell_out(done, _SLASHED, lambda match: _slashed(match, table))
    if table.month_first:
        last = day.replace("day", "last")
        days = re.compile(
            rf"\b(?P<month>{months})\s{day}(?:st|nd|rd|th)?\s?[-–—]\s?{last}(?:st|nd|rd|th)?{tail}"
        )
        done = spell_out(done, days, lambda match: _days(match, table))
        named = re.compile(rf"\b(?P<month>{months})\s{day}(?:st|nd|rd|th)?{tail}")
        done = spell_out(done, named, lambda match: _named(match, table))
    named = re.compile(
        rf"(?<!\w){day}(?:st|nd|rd|th|er|º|°)?\s(?:of\s|de\s)?(?P<month>{months})(?!\w){tail}", re.IGNORECASE
    )
    done = spell_out(done, named, lambda match: _named(match, table))
    if table.between and table.oclock:
        done = spell_out(
            done, _LETTERED, lambda match: _time(match["hour"], match["minute"] or "00", None, table)
        )
    done = spell_out(done, _CLOCK, lambda match: _time(match["hour"], match["minute"], match["half"], table))
    if table.code == "en":
        done = spell_out(done, _HALF_DAY, lambda match: _time(match["hour"], "00", match["half"], table))
    return done


def _month(name: str) -> str:
    """Whole, or shortened to three letters and more."""
    if name == "May":
        return name
    return rf"{name}|{name[:5]}\.|{name[:4]}\.|{name[:3]}\.?"


def _slashed(match: re.Match[str], table: Locale) -> str | None:
    first, second = match["a"], match["b"]
    month_first = table.month_first and match["mark"] == "/"
    if int(first) > 12 or (not month_first and int(second) <= 12):
        return _date(match["year"], second, first, table)
    return _date(match["year"], first, second, table)


def _days(match: re.Match[str], table: Locale) -> str:
    """May 5-7, 2026: from one day of a month to another."""
    to = f"{_named(match, table).partition(',')[0]} {table.range} {_day(int(match['last']), table)}"
    return f"{to}, {numerals.year(int(match['year']), table)}" if match["year"] else to


def _named(match: re.Match[str], table: Locale) -> str:
    written = match["month"].rstrip(".").casefold()
    month = next(name for name in table.months if name.casefold().startswith(written))
    day = _day(int(match["day"]), table)
    year = numerals.year(int(match["year"]), table) if match["year"] else ""
    if table.month_first and match.start("day") < match.start("month"):
        article = "" if match.string[: match.start()].endswith("the ") else "the "
        return f"{article}{day} of {month}{year and f' {year}'}"
    spoken = table.date.format(month=month, day=day, year=year)
    return spoken if year else re.sub(r"(?:,|\sde)?\s$", "", spoken)


def _date(year: str, month: str, day: str, table: Locale) -> str | None:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return table.date.format(
        month=table.months[int(month) - 1], day=_day(int(day), table), year=numerals.year(int(year), table)
    )


def _day(day: int, table: Locale) -> str:
    if table.ordinal_days == "all" or (table.ordinal_days == "first" and day == 1):
        return numerals.ordinal(day, table)
    return numerals.cardinal(str(day), table)


def _time(hour: str, minute: str, half: str | None, table: Locale) -> str:
    hours = _hours(int(hour), table)
    suffix = f" {half.upper()}M" if half else ""
    if minute == "00":
        oclock = f" {table.oclock}" if table.oclock and not half else ""
        return _one_hour(f"{hours}{oclock}{suffix}", table)
    between = " oh " if table.code == "en" and minute < "10" else table.between or " "
    return _one_hour(f"{hours}{between}{numerals.cardinal(str(int(minute)), table)}{suffix}", table)


def _hours(hour: int, table: Locale) -> str:
    """In the gender of the language's hours."""
    before, blank, last = numerals.cardinal(str(hour), table).rpartition(" ")
    return f"{before}{blank}{table.hours.get(last, last)}"


def _one_hour(spoken: str, table: Locale) -> str:
    """`une heures` is "une heure"."""
    many, one = table.hours.get("many", ""), table.hours.get("one", "")
    return one + spoken.removeprefix(many) if many and spoken.startswith(many) else spoken
