"""Ages told in numbers: "a girl of nineteen", "in her forties", "aged 65", "eighty-year-old"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from engine.voices.numbers import decade, number_at, run_of_numbers

Words = Sequence[str]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BEGINS = ((60, "elderly"), (30, "middle"), (13, "young"), (0, "child"))
_OLDEST = 125
_OF_CHILDREN = 15
"""Up to here "of three" is an age only after words such as "boy": "a mother of three" tells of children."""
_NUMBERED = 4
"""Up to here "male 2" is a number given to a voice."""

_MARK = "age:"
"""Begins the word that stands for an age; no word of a description holds a colon."""

_JOINED = re.compile(r"(\d{1,3})(yo|yrs?)")
_WITHIN = {"early": 1, "mid": 5, "middle": 5, "late": 8}

_ABOUT = _set(
    "about around roughly approximately maybe perhaps some only just over past well barely between under "
    "below nearly almost"
)
_SHORT_OF = frozenset({"under", "below", "nearly", "almost"})
_AGED = frozenset({"aged", "age", "ages"})
_TURNED = frozenset({"turned", "turning", "turns"})
_IS = frozenset({"is", "was", "am"})
_YEARS = frozenset({"year", "years", "yr", "yrs"})
_SHORTER = frozenset({"month", "months", "week", "weeks", "day", "days"})
_OWNERS = frozenset({"his", "her", "their", "my", "your"})
_PERSONS = _set(
    "man woman girl boy lady gentleman guy gal chap bloke fellow lad lass lassie maiden child kid youth "
    "male female person someone somebody speaker teenager teen youngster adult student pupil schoolboy "
    "schoolgirl he she who hes shes im i"
)
_CROWDS = _set("team choir family party number total score pack list army set gang")
_GOES_ON = _set("with who whose that and or but in on at from as to for by like not very so yet")
_NO_VERBS = frozenset({"evening", "morning", "king", "string", "spring", "thing"})


def age_of(word: str) -> str | None:
    """The age a word of `with_ages` stands for, or None for any other word."""
    return word.removeprefix(_MARK) if word.startswith(_MARK) else None


def with_ages(clauses: Sequence[list[str]], is_silent: Callable[[str], bool]) -> list[list[str]]:
    """The clauses of one description, with one word for `age_of` in place of every age in numbers.

    `is_silent` tells words that say nothing about a voice. Other numbers ("a hundred miles", "the nineteen
    eighties", "number seven bus") stay as they are.
    """
    clauses = [_parted(words) for words in clauses if words]
    numbers = [words for words in clauses if _bare(words) is not None]
    person = any(not _PERSONS.isdisjoint(words) for words in clauses)
    told = []
    for place, words in enumerate(clauses):
        years = _bare(words)
        if years is None or len(numbers) > 1:
            told.append(_told(words, is_silent))
        elif person or (place > 0 and years > _OF_CHILDREN) or _says_it_all(words, years, clauses):
            told.append([_marked(years)])
        else:
            told.append(words)
    return told


def _parted(words: Words) -> list[str]:
    """ "80yo" as two words."""
    pairs = [_JOINED.fullmatch(word) for word in words]
    return [
        part for word, pair in zip(words, pairs, strict=True) for part in (pair.groups() if pair else (word,))
    ]


def _bare(words: Words) -> int | None:
    """The years of a clause that is a number and nothing else."""
    start = _after(words, 0, _ABOUT | {"of"})
    length, years = number_at(words, start)
    ends = _after(words, start + length, _YEARS) == len(words)
    return years if length and ends and years <= _OLDEST else None


def _says_it_all(words: Words, years: int, clauses: Sequence[Words]) -> bool:
    """A description that is only "nineteen" or "of seven"; "(7)" and "(two)" number what follows."""
    if len(clauses) > 1 or any(word[0].isdigit() for word in words):
        return False
    return years > _OF_CHILDREN or "of" in words


def _told(words: Words, is_silent: Callable[[str], bool]) -> list[str]:
    told: list[str] = []
    place = 0
    while place < len(words):
        length, age = _age_at(words, place, is_silent)
        if length == 0:
            length, age = max(1, run_of_numbers(words, place)), None
        told += words[place : place + length] if age is None else [age]
        place += length
    return told


def _age_at(words: Words, place: int, is_silent: Callable[[str], bool]) -> tuple[int, str | None]:
    """How many words tell an age from a place on (0: none), and the word for it."""
    before, here = words[place - 1] if place else "", words[place]
    known = here in _AGED and before != "middle"
    start = place + (known or here in _TURNED or here in _IS or here == "of")
    if (told := _decade(words, start, before)) is not None:
        return told
    first = _after(words, start, _ABOUT | {"of"} if known else _ABOUT)
    length, years = number_at(words, first)
    if length == 0 or years > _OLDEST:
        return 0, None
    end = first + run_of_numbers(words, first)
    old = _old(words, end)
    if end > first + length and not known and old == end:
        return 0, None
    short = not _SHORT_OF.isdisjoint(words[start:first])
    if old > end:
        return (0, None) if start > place and not known else (old - place, _marked(years - short, words[end]))
    end = _after(words, end, _YEARS)
    if known and _stops(words, end):
        return end - place, _marked(years - short)
    if not _stops(words, end):
        return 0, None
    if here == "of":
        known = before in _PERSONS or (years > _OF_CHILDREN and _is_noun(before, is_silent))
    else:
        known = here in _TURNED or (before in _PERSONS and years > _NUMBERED)
    return (end - place, _marked(years - short)) if known else (0, None)


def _decade(words: Words, place: int, before: str) -> tuple[int, str | None] | None:
    """ "her late twenties", "woman, 40s"; "the forties" and "nineteen forties" are years of the calendar."""
    within = place < len(words) and words[place] in _WITHIN
    at = place + within
    if at >= len(words):
        return None
    first = decade(words[at])
    if first is None or not (
        before in _OWNERS | _PERSONS | {"or"} or (place == 0 and (within or len(words) == 1))
    ):
        return None
    return at + 1 - place, _marked(first + _WITHIN.get(words[place], 0))


def _old(words: Words, end: int) -> int:
    """Where "years old", "year of age" or "something" ends that follows a number; `end` if none does."""
    following = tuple(words[end : end + 3])
    if following[:1] == ("something",) or following[:1] == ("yo",):
        return _old(words, end + 1) if following[1:2] and following[1] in _YEARS else end + 1
    if following[:1] and following[0] in _YEARS | _SHORTER:
        if following[1:2] in (("old",), ("olds",)):
            return end + 2
        if following[1:] == ("of", "age"):
            return end + 3
    return end


def _after(words: Words, start: int, passed: frozenset[str]) -> int:
    while start < len(words) and words[start] in passed:
        start += 1
    return start


def _stops(words: Words, end: int) -> bool:
    """Whether what follows a number is not the thing that is counted."""
    if end >= len(words) or words[end] in _GOES_ON:
        return True
    return words[end].endswith("ing") and words[end] not in _NO_VERBS


def _is_noun(word: str, is_silent: Callable[[str], bool]) -> bool:
    return bool(word) and not is_silent(word) and not word.isdigit() and word not in _CROWDS


def _marked(years: int, unit: str = "years") -> str:
    if unit in _SHORTER:
        years = 0
    return _MARK + next(name for begin, name in _BEGINS if years >= begin)
