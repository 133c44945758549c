"""Directions anywhere in a text: cues that colour what follows, and pauses. None of them is spoken.

    (cheerful) Good morning! [pause 1.5s] (slow, whispering) Come closer.

A cue holds until the next one. It may stand where a sentence or a clause begins; a parenthesis elsewhere, or
one that does not direct a voice ("(see page 4)"), is prose and spoken. A cue that says who speaks, as
"(old man)", holds through cues that only say how.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.cues import is_cue, is_understood
from engine.voices.describe import describe

LONGEST_PAUSE = 10.0
MOST_SILENCE = 30.0
"""Seconds of all pauses of one text together."""

_PAUSES = {"": 0.8, "short": 0.3, "long": 1.5}

MARKED = re.compile(r"\(([^()]{1,120})\)|（([^（）]{1,120})）|\[([^\[\]]{1,60})\]")
_PAUSE = re.compile(
    r"\s*(?P<size>short|long)?\s*pause\s*(?:(?:of|for|:|=)?\s*(?P<number>\d{1,6}(?:[.,]\d{1,3})?)\s*"
    r"(?P<unit>ms|milliseconds?|s|secs?|seconds?)?)?\s*",
    re.IGNORECASE,
)
_PAUSE_LIKE = re.compile(r"\s*pause\b", re.IGNORECASE)
_SENTENCE_EDGE = re.compile(r"[.!?…。！？।॥\n][\"'”’»)\]」』]*\s*$")
_CLAUSE_EDGE = re.compile(r"(?:[,;:—–，；：、][\"'”’»]*|\s-)\s*$")
_BEFORE = 24
"""Characters that are looked at in front of a parenthesis."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Words spoken in one manner after `pause` seconds of silence (None: what the punctuation asks for).

    `speaker` is an earlier cue that said who speaks, where `cue` itself does not.
    """

    text: str
    cue: str | None = None
    speaker: str | None = None
    pause: float | None = None

    @property
    def marked(self) -> str:
        """The passage as a text that reads back as itself."""
        pause = "" if self.pause is None else f"[pause {round(self.pause * 1000)}ms] "
        return pause + marked_cues(self.speaker, self.cue) + self.text


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read: `silence` seconds follow its last words; `warnings` tell what was not followed.

    `last` carries the cues in force at the end, for a text that goes on elsewhere.
    """

    passages: tuple[Passage, ...]
    silence: float
    warnings: tuple[str, ...]
    last: Passage


def marked_cues(*cues: str | None) -> str:
    return "".join(f"({cue}) " for cue in cues if cue)


def read(text: str) -> Reading:
    """The passages of `text`, in order; none when nothing but directions was written."""
    reader = _Reader()
    start = 0
    for mark in MARKED.finditer(text):
        words = text[start : mark.start()]
        if reader.direct(words, mark, text[mark.end() : mark.end() + 1]):
            start = mark.end()
    reader.say(text[start:])
    return reader.reading()


class _Reader:
    def __init__(self) -> None:
        self._passages: list[Passage] = []
        self._warnings: dict[str, None] = {}
        self._cue: str | None = None
        self._speaker: str | None = None
        self._idle: str | None = None
        self._pause: float | None = None
        self._silence = 0.0

    def say(self, words: str) -> None:
        if not words.strip():
            return
        self._passages.append(Passage(words.strip(), self._cue, self._speaker, self._pause))
        self._pause = self._idle = None

    def direct(self, words: str, mark: re.Match[str], following: str) -> bool:
        """Whether `mark`, after `words` that are not said yet, is a direction; then both are taken in."""
        bracketed = mark[3]
        if bracketed is not None and _PAUSE_LIKE.match(bracketed.removeprefix("short").removeprefix("long")):
            self.say(words)
            self._rest(bracketed)
            return True
        inner = (mark[1] or mark[2] or bracketed).strip()
        if not self._stands_well(words, inner, following) or not is_cue(inner):
            return False
        self.say(words)
        self._turn(inner)
        return True

    def _stands_well(self, words: str, inner: str, following: str) -> bool:
        before = words[-_BEFORE:]
        if not before.strip() or _SENTENCE_EDGE.search(before):
            return True
        return bool(_CLAUSE_EDGE.search(before)) and following not in ",.;:!?" and is_understood(inner)

    def _turn(self, cue: str) -> None:
        if names_somebody(cue):
            self._speaker = None
        elif self._cue is not None and self._speaker is None and names_somebody(self._cue):
            self._speaker = self._cue
        self._cue = self._idle = cue

    def _rest(self, written: str) -> None:
        seconds = _seconds(written)
        if seconds is None:
            self._warn(f"[{written}] was not understood as a pause: write [pause 1.5s] or [pause 500ms]")
            return
        allowed = max(0.0, min(seconds, LONGEST_PAUSE, MOST_SILENCE - self._silence))
        if allowed < seconds:
            self._warn(
                f"Pauses were shortened: one is at most {LONGEST_PAUSE:g} s, all of a text {MOST_SILENCE:g} s"
            )
        self._silence += allowed
        self._pause = (self._pause or 0.0) + allowed

    def _warn(self, sentence: str) -> None:
        self._warnings[sentence] = None

    def reading(self) -> Reading:
        if self._idle is not None and self._passages:
            self._warn(
                f"The cue ({self._idle}) colours nothing: put it in front of the words it is meant for"
            )
        last = Passage("", self._cue, self._speaker)
        return Reading(tuple(self._passages), self._pause or 0.0, tuple(self._warnings), last)


def names_somebody(cue: str) -> bool:
    """Whether a cue says who speaks, not only how."""
    who = describe(cue)
    return bool(who.gender or who.age or who.accent)


def _seconds(written: str) -> float | None:
    found = _PAUSE.fullmatch(written)
    if found is None:
        return None
    if found["number"] is None:
        return _PAUSES[(found["size"] or "").lower()]
    number = float(found["number"].replace(",", "."))
    return number / 1000 if (found["unit"] or "s").lower().startswith("m") else number


def spoken_words(text: str) -> str:
    """What of `text` is spoken: everything but its directions."""
    return " ".join(passage.text for passage in read(text).passages)
