"""Free English wording to traits: phrases, intensifiers, negation, and whom the words are about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.voices.ages import age_of, with_ages
from engine.voices.lexicon import Lexicon, Meaning, lexicon, split
from engine.voices.traits import Scales, Traits

_OTHERS_KINDS = frozenset({"gender", "age"})
_OPPOSITE = {"female": "male", "male": "female"}
_POSSESSIVE = {"his": "male", "her": "female"}
"""Words that tell the speaker where nothing else does: "reading to her son", "his voice low"."""

_NOT_THE_OPPOSITE = 0.5
"""How far "not fast" goes towards slow."""

_CLAUSE = re.compile(r"[,;:.!?()\[\]—–/\n]|\s-\s")
_YEAR_OLD = re.compile(r"\by/o\b", re.IGNORECASE)
_MOST = 2.0


def describe(*texts: str | None) -> Traits:
    """The traits of one or more descriptions read one after another; later words win over earlier ones
    where both name one of a few, and add up where both move a scale."""
    reading = _Reading(lexicon())
    for text in texts:
        clauses = [split(clause) for clause in _CLAUSE.split(_YEAR_OLD.sub("year old", text or ""))]
        for words in with_ages(clauses, lambda word: word in reading.lexicon.silent):
            reading.clause(words)
        reading.new_description()
    return reading.traits()


@dataclass(slots=True)
class _Reading:
    lexicon: Lexicon
    kinds: dict[str, str] = field(default_factory=dict)
    scales: dict[str, float] = field(default_factory=dict)
    excluded: set[tuple[str, str]] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    unserved: list[str] = field(default_factory=list)
    heard: int = 0
    _fixed: set[str] = field(default_factory=set)
    _owner: str | None = None
    _exact: bool = False
    _told_of_another: bool = False

    def new_description(self) -> None:
        self._fixed = set()
        self._exact = self._told_of_another = False

    def clause(self, words: list[str]) -> None:
        negated = addressed = False
        strength = 1.0
        position = 0
        while position < len(words):
            word = words[position]
            if (age := age_of(word)) is not None:
                self._take_age(age, negated, addressed or (position == 0 and self._told_of_another))
                position += 1
                continue
            if position + 1 < len(words):
                self._owner = self._owner or _POSSESSIVE.get(word)
            length, meaning = self.lexicon.phrase_at(words, position)
            if length == 0 or (length == 1 and (word in self.lexicon.weaker or word in self.lexicon.silent)):
                position += 1
                negated = (negated or word in self.lexicon.negations) and word not in self.lexicon.turns
                addressed = (addressed and word not in self.lexicon.turns) or (
                    word in self.lexicon.addressed and bool(self._fixed)
                )
                strength = self.lexicon.strength_of(word, strength)
                if not self.lexicon.expects(word):
                    self.unknown.append(word)
                continue
            if meaning is None:
                self.unserved.append(" ".join(words[position : position + length]))
            else:
                self.heard += 1
                self._take(meaning, negated, addressed, strength)
            position += length
            strength = 1.0
            if position < len(words) and words[position] == "and":
                negated = False
        self._told_of_another = addressed

    def _take_age(self, age: str, negated: bool, of_another: bool) -> None:
        """Years say more than a word for somebody of that age: "a girl of nineteen" is young, no child."""
        self.heard += 1
        if negated:
            self.excluded.add(("age", age))
        elif not of_another and not self._exact:
            self.kinds["age"] = age
            self._fixed.add("age")
            self._exact = True

    def _take(self, meaning: Meaning, negated: bool, addressed: bool, strength: float) -> None:
        for kind, value in meaning.kinds.items():
            if addressed and kind in _OTHERS_KINDS:
                continue
            if negated:
                self._exclude(kind, value, alone=len(meaning.kinds) == 1)
            elif kind not in self._fixed:
                self.kinds[kind] = value
                self._fixed.add(kind)
        for scale, amount in meaning.scales.items():
            if not negated:
                self._move(scale, amount * strength)
            elif scale in _ONE_SIDED:
                self._move(scale, -amount * _MOST)
            elif not meaning.kinds:
                self._move(scale, -amount * _NOT_THE_OPPOSITE)

    def _exclude(self, kind: str, value: str, *, alone: bool) -> None:
        """ "Not a man" is a woman; "not an old man" is still a man."""
        if kind != "gender":
            self.excluded.add((kind, value))
        else:
            self.kinds.setdefault(kind, _OPPOSITE[value] if alone else value)

    def _move(self, scale: str, amount: float) -> None:
        """Words of one direction add up, but less than fully: "slow, unhurried" is one wish."""
        before = self.scales.get(scale, 0.0)
        if before * amount > 0:
            larger, smaller = sorted((abs(before), abs(amount)), reverse=True)
            amount = (larger + smaller / 3) * (1 if amount > 0 else -1)
            before = 0.0
        self.scales[scale] = before + amount

    def traits(self) -> Traits:
        kinds = {kind: value for kind, value in self.kinds.items() if (kind, value) not in self.excluded}
        scales = Scales(**{scale: _bounded(scale, value) for scale, value in self.scales.items()})
        return Traits(
            gender=kinds.get("gender") or self._owner,
            age=kinds.get("age"),
            accent=kinds.get("accent"),
            emotion=kinds.get("emotion"),
            manner=kinds.get("manner"),
            scales=scales,
            excluded=frozenset(self.excluded),
            heard=self.heard,
            unknown=_once(self.unknown),
            unserved=_once(self.unserved),
        )


_ONE_SIDED = frozenset({"breath", "whisper", "tremor", "rough"})
"""Scales whose absence is neutral: "not raspy" takes roughness away, it does not ask for its opposite."""


def _bounded(scale: str, value: float) -> float:
    return min(_MOST, max(0.0 if scale in _ONE_SIDED else -_MOST, value))


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
