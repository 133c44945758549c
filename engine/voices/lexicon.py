"""The words of voice descriptions and what they mean, read once from the two tables beside this file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from engine.voices.traits import KINDS, SCALES

_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+)+|[^\W_]+")
_LONGEST_PHRASE = 5
_STRONGER, _WEAKER = 1.6, 0.5


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one group of words says: `kinds` name a value, `scales` move a trait."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`silent` words say nothing about a voice; the lists after it each play the part told in the table."""

    meanings: Mapping[tuple[str, ...], Meaning]
    unserved: frozenset[tuple[str, ...]]
    silent: frozenset[str]
    negations: frozenset[str]
    stronger: frozenset[str]
    weaker: frozenset[str]
    turns: frozenset[str]
    addressed: frozenset[str]
    prose: frozenset[str]
    remarks: frozenset[str]

    def phrase_at(self, words: Sequence[str], start: int) -> tuple[int, Meaning | None]:
        """The longest phrase that begins at `start`: its length in words (0: none) and its meaning.

        A phrase that is known but cannot be served has a length and no meaning.
        """
        for length in range(min(_LONGEST_PHRASE, len(words) - start), 0, -1):
            for phrase in _readings(tuple(words[start : start + length])):
                if phrase in self.meanings:
                    return length, self.meanings[phrase]
                if phrase in self.unserved:
                    return length, None
        return 0, None

    def strength_of(self, word: str, otherwise: float) -> float:
        """What the word makes of the next one's strength."""
        if word in self.stronger:
            return _STRONGER
        return _WEAKER if word in self.weaker else otherwise

    def expects(self, word: str) -> bool:
        """Whether a word without a meaning is nothing to report."""
        parts = (self.silent, self.negations, self.stronger, self.weaker, self.turns)
        return word.isdigit() or any(word in part for part in parts)


@cache
def lexicon() -> Lexicon:
    meanings: dict[tuple[str, ...], Meaning] = {}
    for name in ("lexicon_people.toml", "lexicon_sound.toml"):
        for row in _table(name)["meaning"]:
            meaning = Meaning(
                {kind: str(row[kind]) for kind in KINDS if kind in row},
                {scale: float(row[scale]) for scale in SCALES if scale in row},
            )
            meanings |= {tuple(split(phrase)): meaning for phrase in _phrases(row["words"])}
    lists = {name: frozenset(_phrases(listing)) for name, listing in _table("lexicon_words.toml").items()}
    unserved = frozenset(tuple(split(phrase)) for phrase in lists.pop("unserved"))
    return Lexicon(meanings, unserved, **lists)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


def split(text: str) -> list[str]:
    """Lower-case words without punctuation; hyphens part words, apostrophes do not ("don't" is "dont")."""
    return _WORD.findall(re.sub(r"['’]s\b|['’]", "", text.casefold()))


def _phrases(listing: str) -> Iterator[str]:
    return (phrase for part in listing.split(",") if (phrase := " ".join(part.split())))


def _readings(phrase: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The phrase as written, then with its last word brought back to forms it may be inflected from."""
    yield phrase
    if (person := _person_in(phrase[-1])) is not None:
        yield (*phrase[:-1], person)
    for stem in _stems(phrase[-1]):
        yield (*phrase[:-1], stem)


def _person_in(word: str) -> str | None:
    """The person a compound is about: "postman" is a man, "schoolmistress" stands in the table itself."""
    if word in _NO_PERSON:
        return None
    return next(
        (person for person in _PERSONS if word.endswith(person) and len(word) > len(person) + 1), None
    )


_PERSONS = ("woman", "lady", "girl", "mother", "man", "boy", "father")
_NO_PERSON = frozenset({"human", "german", "roman", "norman", "ottoman", "shaman", "talisman", "caiman"})


def _stems(word: str) -> Iterator[str]:
    for ending, replacements in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word.removesuffix(ending)
            yield from (stem + replacement for replacement in replacements)
            if len(stem) > 3 and stem[-1] == stem[-2]:
                yield stem[:-1]


_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ily", ("y",)),
    ("ly", ("", "le")),
    ("ally", ("",)),
    ("ier", ("y",)),
    ("iest", ("y",)),
    ("er", ("", "e")),
    ("est", ("", "e")),
    ("ish", ("", "e")),
    ("iness", ("y",)),
    ("ness", ("",)),
    ("ing", ("", "e")),
    ("ed", ("", "e")),
    ("ies", ("y",)),
    ("es", ("",)),
    ("s", ("",)),
    ("y", ("", "e")),
)
