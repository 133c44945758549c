"""Roman numerals after names: Henry VIII is the eighth, World War II is two."""

from __future__ import annotations

import re

from engine.text import numerals
from engine.text.locale import locale

NUMERAL = re.compile(
    r"(?<=\s)(?P<roman>I{1,3}|IV|VI{0,3}|IX|XI{0,3}|XIV|XVI{0,3}|XIX|XX)(?=['’]s\b|[\s,.;:!?)]|$)"
)
_RULERS = frozenset(
    {
        "Alexander",
        "Alfonso",
        "Benedict",
        "Carlos",
        "Catherine",
        "Charles",
        "Christian",
        "Clement",
        "Edward",
        "Elizabeth",
        "Felipe",
        "Ferdinand",
        "Francis",
        "Frederick",
        "Friedrich",
        "George",
        "Gregory",
        "Gustav",
        "Haakon",
        "Henry",
        "Innocent",
        "Ivan",
        "James",
        "John",
        "Leo",
        "Louis",
        "Mary",
        "Napoleon",
        "Nicholas",
        "Olav",
        "Otto",
        "Paul",
        "Pedro",
        "Peter",
        "Philip",
        "Pius",
        "Ramesses",
        "Ramses",
        "Richard",
        "Urban",
        "Wilhelm",
        "William",
    }
)
_TITLES = frozenset(
    {
        "King",
        "Queen",
        "Pope",
        "Emperor",
        "Empress",
        "Tsar",
        "Prince",
        "Kaiser",
        "Saint",
    }
)
_NUMBERED = frozenset(
    {
        "Act",
        "Appendix",
        "Article",
        "Book",
        "Bowl",
        "Chapter",
        "Class",
        "Level",
        "Part",
        "Phase",
        "Scene",
        "Section",
        "Title",
        "Type",
        "Volume",
        "War",
    }
)
_VALUES = {"I": 1, "V": 5, "X": 10}


def spoken(match: re.Match[str]) -> str | None:
    """What a `NUMERAL` says; None where the capitals are letters, or the speaker: "Mary, I think"."""
    before = ["", "", *match.string[: match.start()].split()]
    title, name = before[-2:]
    value, english = _value(match["roman"]), locale("en")
    if name in _RULERS and (value > 1 or title in _TITLES):
        return f"the {numerals.ordinal(value, english)}"
    return numerals.cardinal(str(value), english) if name in _NUMBERED else None


def _value(roman: str) -> int:
    digits = [_VALUES[letter] for letter in roman]
    following = [*digits[1:], 0]
    return sum(-one if one < after else one for one, after in zip(digits, following, strict=True))
