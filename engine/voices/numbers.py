"""Numbers up to a hundred in the words of a description, and decades such as "forties"."""

from __future__ import annotations

import re
from collections.abc import Sequence

Words = Sequence[str]

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DECADES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_DIGITS = re.compile(r"\d{1,3}")
_DECADE_DIGITS = re.compile(r"([1-9]0)s")


def number_at(words: Words, start: int) -> tuple[int, int]:
    """The number written at a place: how many words it takes (0: none) and its value."""
    if start >= len(words):
        return 0, 0
    word, after = words[start], words[start + 1] if start + 1 < len(words) else ""
    if _DIGITS.fullmatch(word):
        return 1, int(word)
    if word == "hundred" or (word in ("a", "one") and after == "hundred"):
        return (1 if word == "hundred" else 2), 100
    if word in _TENS:
        unit = _SMALL.index(after) if after in _SMALL[1:10] else 0
        return (2 if unit else 1), 10 * _TENS.index(word) + 20 + unit
    return (1, _SMALL.index(word)) if word in _SMALL else (0, 0)


def run_of_numbers(words: Words, start: int) -> int:
    """Words of numbers that follow one another, as in "nineteen eighty four"."""
    end = start
    while length := number_at(words, end)[0]:
        end += length
    return end - start


def decade(word: str) -> int | None:
    """40 for "forties" and "40s", 13 for "teens"."""
    if digits := _DECADE_DIGITS.fullmatch(word):
        return int(digits[1])
    if word == "teens":
        return 13
    return 10 * _DECADES.index(word) + 20 if word in _DECADES else None
