"""Numbers in words, by num2words."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from num2words import num2words

from engine.text.locale import Locale

_MOST_DIGITS = 15
"""A longer number is read digit by digit."""


def parse(written: str, table: Locale) -> Decimal | None:
    """The value of a number written with the language's marks; None when the marks make no number."""
    digits = written.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(table.group, "")
    try:
        return Decimal(digits.replace(table.decimal, "."))
    except InvalidOperation:
        return None


def cardinal(written: str, table: Locale) -> str:
    """A written number in words: `1,234.50` is "one thousand two hundred thirty-four point five zero"."""
    sign, written = ("-", written[1:]) if written.startswith("-") else ("", written)
    whole, _, fraction = written.partition(table.decimal)
    whole = "".join(character for character in whole if character.isdecimal())
    if len(whole) > _MOST_DIGITS or (len(whole) > 1 and whole.startswith("0")):
        words = digits(whole, table)
    else:
        words = _words(int(whole or "0"), table)
    if fraction:
        words += f" {table.point} {digits(fraction, table)}"
    return f"{table.minus} {words}" if sign else words


def digits(written: str, table: Locale) -> str:
    """Digit by digit: `905` is "nine zero five"."""
    return " ".join(_words(int(character), table) for character in written if character.isdecimal())


def ordinal(value: int, table: Locale) -> str:
    return _plain(num2words(value, lang=table.numbers, to="ordinal"))


def year(value: int, table: Locale) -> str:
    if table.code == "en" and 2000 <= value < 2010:
        return _words(value, table)
    return _plain(num2words(value, lang=table.numbers, to="year"))


def _words(value: int, table: Locale) -> str:
    return _plain(num2words(value, lang=table.numbers), english=table.code == "en")


def _plain(words: str, *, english: bool = False) -> str:
    words = words.replace(",", "")
    return words.replace(" and ", " ") if english else words
