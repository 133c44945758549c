"""Dates, times, money, percentages, units and ranges where the figures themselves are left as they are.

Phonemisers of Hindi, Japanese and Mandarin read plain figures well, so only what stands around them is put
into words, by the language's table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from engine.text.locale import Locale
from engine.text.pieces import Piece, spell_out
from engine.text.shortenings import spell_phones

_NUMBER = r"\d+(?:,\d{2,3})*(?:\.\d+)?"
_AMOUNT = (
    rf"(?<![\d.,A-Za-z])(?P<minus>(?<![\w%％)])-)?(?P<amount>{_NUMBER})"
    rf"(?:(?:\s?[%％])?\s?[-–—~〜～]\s?(?P<last>{_NUMBER}))?"
)
_YEAR_FIRST = re.compile(
    r"(?<![\w/.-])(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?![\d/.-])", re.A
)
_DAY_FIRST = re.compile(
    r"(?<![\w/.-])(?P<day>\d{1,2})([-/.])(?P<month>\d{1,2})\2(?P<year>\d{4})(?![\d/.-])", re.A
)
_CLOCK = r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d:])"
_LONG_NUMBER = re.compile(r"\d{9,}")


def spell_figures(pieces: Iterable[Piece], table: Locale) -> list[Piece]:
    """For a language whose table has `figures`."""
    done = list(pieces)
    for date in (_YEAR_FIRST, _DAY_FIRST):
        done = spell_out(done, date, lambda match: _date(match, table))
    done = spell_phones(done, table)
    clock = rf"{_CLOCK}(?:\s?{table.oclock})?"
    done = spell_out(done, re.compile(clock), lambda match: _time(match, table))
    signs = _any_of(table.money)
    for money in (rf"(?P<sign>{signs})\s?{_AMOUNT}", rf"{_AMOUNT}\s?(?P<sign>{signs})(?!\w)"):
        done = spell_out(done, re.compile(money), lambda match: _money(match, table))
    done = spell_out(done, re.compile(rf"{_AMOUNT}\s?[%％]"), lambda match: _percent(match, table))
    unit = rf"{_AMOUNT}\s?(?P<unit>{_any_of(table.units)})(?![A-Za-z\d²³/])"
    done = spell_out(done, re.compile(unit), lambda match: _quantity(match, table))
    if table.digits and table.figures.get("long") == "digits":
        done = spell_out(done, _LONG_NUMBER, lambda match: _digits(match[0], table))
    return spell_out(done, re.compile(_AMOUNT), lambda match: _plain(match, table))


def _any_of(names: Mapping[str, object]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"(?!)"


def _date(match: re.Match[str], table: Locale) -> str | None:
    month, day = int(match["month"]), int(match["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    named = table.months[month - 1] if table.months else month
    return table.date.format(year=match["year"], month=named, day=day)


def _time(match: re.Match[str], table: Locale) -> str | None:
    hour, minute = int(match["hour"]), int(match["minute"])
    if hour > 24:
        return None
    said = table.figures["clock" if minute else "hour"].format(hour=hour, minute=minute)
    return said + table.figures["second"].format(second=int(match["second"])) if match["second"] else said


def _money(match: re.Match[str], table: Locale) -> str | None:
    one, hundredth = table.money[match["sign"]]
    whole, _, fraction = match["amount"].partition(".")
    if match["last"] or len(fraction) != 2 or not hundredth:
        said = _amount(match, table)
        return None if said is None else _beside(said, one, table)
    parts = [_beside(_whole(whole), one, table)] if int(_whole(whole)) else []
    if int(fraction):
        parts.append(_beside(str(int(fraction)), hundredth, table))
    return (table.minus if match["minus"] else "") + table.figures.get("space", "").join(parts)


def _percent(match: re.Match[str], table: Locale) -> str | None:
    said = _amount(match, table)
    return None if said is None else table.percent.format(n=said)


def _quantity(match: re.Match[str], table: Locale) -> str | None:
    said = _amount(match, table)
    if said is None:
        return None
    name = table.units[match["unit"]][0]
    return name.format(n=said) if "{n}" in name else _beside(said, name, table)


def _plain(match: re.Match[str], table: Locale) -> str | None:
    said = _amount(match, table)
    return said if said != match[0] else None


def _amount(match: re.Match[str], table: Locale) -> str | None:
    """The number without its commas, as a range where it is one; None where the second is not the greater."""
    first = _whole(match["amount"])
    minus = table.minus if match["minus"] else ""
    if not match["last"]:
        return minus + first
    last = _whole(match["last"])
    is_range = float(first) < float(last) and not first.startswith("0")
    return f"{minus}{first}{table.range}{last}" if is_range else None


def _digits(written: str, table: Locale) -> str:
    return "".join(table.digits[int(digit)] for digit in written)


def _whole(written: str) -> str:
    return written.replace(",", "")


def _beside(amount: str, name: str, table: Locale) -> str:
    return f"{amount}{table.figures.get('space', '')}{name}"
