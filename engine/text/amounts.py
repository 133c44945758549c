"""Money, percentages, units, ranges and plain numbers in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from engine.text import numerals
from engine.text.locale import Locale
from engine.text.pieces import Piece, spell_out

_ENDS = r"(?![\w])"


def spell_amounts(pieces: Iterable[Piece], table: Locale) -> list[Piece]:
    """Every number with what is attached to it, for a language whose table says how."""
    number = _number(table)
    signs, scales = _any_of(table.money), _any_of(table.scales)
    scale = rf"(?:\s?(?P<scale>{scales}){_ENDS})?"
    done = spell_out(
        pieces,
        re.compile(
            rf"(?<!\w)(?P<sign>{signs})(?P<amount>{number})\s?[-–—]\s?(?P=sign)?(?P<last>{number})(?![\w-])"
        ),
        lambda match: _money_range(match, table),
    )
    done = spell_out(
        done,
        re.compile(
            rf"(?<![\w.,-])(?P<amount>{number})\s?[-–—]\s?(?P<last>{number})\s?(?P<sign>{signs}){_ENDS}"
        ),
        lambda match: _money_range(match, table),
    )
    for pattern in (
        rf"(?P<minus>-)?(?<!\w)(?P<sign>{signs})\s?(?P<amount>{number}){scale}",
        rf"(?<![\w.,])(?P<minus>-)?(?P<amount>{number}){scale}\s?(?P<sign>{signs}){_ENDS}",
    ):
        done = spell_out(done, re.compile(pattern), lambda match: _money(match, table))
    done = spell_out(
        done,
        re.compile(
            rf"(?<![\w.,])(?P<amount>-?{number})\s?[-–—]\s?(?P<last>{number})(?P<percent>\s?%)?(?![\w-])"
        ),
        lambda match: _range(match, table),
    )
    done = spell_out(
        done,
        re.compile(rf"(?<![\w.,])(?P<amount>-?{number})\s?%"),
        lambda match: _percent(match["amount"], table),
    )
    done = spell_out(
        done,
        re.compile(rf"(?<![\w.,])(?P<amount>-?{number})(?:\s|-)?(?P<unit>{_any_of(table.units)}){_ENDS}"),
        lambda match: _quantity(match, table),
    )
    return spell_out(
        done,
        re.compile(rf"(?:(?<!\S)|(?<=[(“\"]))-{number}|{number}"),
        lambda match: f" {numerals.cardinal(match[0], table)} ".strip(),
    )


def _number(table: Locale) -> str:
    group, decimal = re.escape(table.group), re.escape(table.decimal)
    spaced = "[\u00a0\u202f ]" if table.decimal == "," else group
    grouped = rf"\d{{1,3}}(?:(?:{group}|{spaced})\d{{3}})+(?:{decimal}\d+)?(?!\d)"
    return rf"(?:{grouped}|\d+(?:{decimal}\d+)?)"


def _any_of(names: Mapping[str, object]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"(?!)"


def _money(match: re.Match[str], table: Locale) -> str:
    one, many, hundredth, hundredths = table.money[match["sign"]]
    written = match["amount"]
    minus = f"{table.minus} " if match["minus"] else ""
    if match["scale"]:
        return f"{minus}{numerals.cardinal(written, table)} {table.scales[match['scale']]} {many}"
    whole, _, fraction = written.partition(table.decimal)
    if len(fraction) != 2 or not hundredth:
        value = numerals.parse(written, table)
        return f"{minus}{numerals.cardinal(written, table)} {one if value == 1 else many}"
    parts = []
    if int(re.sub(r"\D", "", whole)) or not int(fraction):
        parts.append(f"{numerals.cardinal(whole, table)} {one if whole == '1' else many}")
    if int(fraction):
        parts.append(
            f"{numerals.cardinal(str(int(fraction)), table)} {hundredth if fraction == '01' else hundredths}"
        )
    return minus + f" {table.hundredths} ".replace("  ", " ").join(parts)


def _money_range(match: re.Match[str], table: Locale) -> str | None:
    spoken = _range(match, table)
    return f"{spoken} {table.money[match['sign']][1]}" if spoken else None


def _range(match: re.Match[str], table: Locale) -> str | None:
    first, last = numerals.parse(match["amount"], table), numerals.parse(match["last"], table)
    if first is None or last is None or first >= last:
        return None
    spoken = (
        f"{numerals.cardinal(match['amount'], table)} {table.range} {numerals.cardinal(match['last'], table)}"
    )
    return f"{spoken} {table.percent}" if match.groupdict().get("percent") else spoken


def _percent(written: str, table: Locale) -> str:
    return f"{numerals.cardinal(written, table)} {table.percent}"


def _quantity(match: re.Match[str], table: Locale) -> str:
    one, many = table.units[match["unit"]]
    value = numerals.parse(match["amount"], table)
    return f"{numerals.cardinal(match['amount'], table)} {one if value == Decimal(1) else many}"
