"""Words grouped into sentences and sentences into segments the model can speak in one breath."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from engine.text.alignment import Place, places
from engine.text.marks import CLAUSE_ENDS, CLOSERS, SENTENCE_ENDS
from engine.text.pieces import SpokenWord

TARGET_PHONEMES = 220
"""Sentences are joined up to this many phonemes: enough for natural prosody, few enough for progress."""

FIRST_PHONEMES = 60
"""The first segment of a text is filled only so far: what is heard first should not wait for what follows."""

MOST_PHONEMES = 400
"""A longer sentence is cut, first at clauses, then between words; the model takes 510 at most."""

SENTENCE_PAUSE, CLAUSE_PAUSE, CUT_PAUSE = 0.32, 0.18, 0.05
"""Silence between segments in seconds, by how the first one ends."""

_SENTENCE_END = re.compile(rf"[{SENTENCE_ENDS}]+[{re.escape(CLOSERS)}]*$")
_CLAUSE_END = re.compile(rf"[{CLAUSE_ENDS}]+[{re.escape(CLOSERS)}]*$")
_INITIAL = re.compile(r"^[\"'“(]*[^\W\d_]\.$")

Phonemise = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Segment:
    """What one call of a backend speaks.

    `places` holds the first and past-last phoneme of every word; `pause` is the silence after the segment, in
    seconds.
    """

    words: tuple[SpokenWord, ...]
    text: str
    phonemes: str
    places: tuple[Place, ...]
    pause: float


def segment(
    words: Sequence[SpokenWord], joiner: str, phonemise: Phonemise, *, begins: bool = False
) -> list[Segment]:
    """Segments of `words`, which are glued with `joiner` (a space, or nothing where none is written).

    With `begins` the words are those a text begins with, and the first segment is kept short.
    """
    parts: list[Segment] = []
    for sentence in _sentences(words):
        parts += _fitted(sentence, joiner, phonemise)
    spoken = [part for part in parts if any(symbol.isalpha() for symbol in part.phonemes)]
    return _joined(spoken, joiner, FIRST_PHONEMES if begins else TARGET_PHONEMES)


def _sentences(words: Iterable[SpokenWord]) -> Iterable[list[SpokenWord]]:
    sentence: list[SpokenWord] = []
    for word in words:
        sentence.append(word)
        if _SENTENCE_END.search(word.spoken) and not _INITIAL.match(word.spoken):
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _fitted(words: list[SpokenWord], joiner: str, phonemise: Phonemise) -> list[Segment]:
    text = joiner.join(word.spoken for word in words)
    phonemes = phonemise(text)
    if len(phonemes) <= MOST_PHONEMES:
        found = places(words, phonemes, phonemise) if phonemes else ()
        return [Segment(tuple(words), text, phonemes, found, _pause(text))]
    if len(words) == 1:
        return _broken(words[0], phonemise)
    at = _cut(words)
    return [*_fitted(words[:at], joiner, phonemise), *_fitted(words[at:], joiner, phonemise)]


def _broken(word: SpokenWord, phonemise: Phonemise) -> list[Segment]:
    """A word too long to say at once, said in two halves; only the first carries the caption."""
    middle = len(word.spoken) // 2
    space = word.spoken.rfind(" ", 1, middle)
    middle = space if space > 0 else middle
    halves = SpokenWord(word.shown, word.spoken[:middle]), SpokenWord("", word.spoken[middle:].strip())
    return [part for half in halves for part in _fitted([half], "", phonemise)]


def _cut(words: list[SpokenWord]) -> int:
    """The clause end nearest the middle, or the middle."""
    middle = len(words) / 2
    clauses = [at for at in range(1, len(words)) if _CLAUSE_END.search(words[at - 1].spoken)]
    return min(clauses, key=lambda at: abs(at - middle)) if clauses else int(middle)


def _joined(parts: list[Segment], joiner: str, first: int) -> list[Segment]:
    done: list[Segment] = []
    for part in parts:
        last = done[-1] if done else None
        most = TARGET_PHONEMES if len(done) > 1 else first
        if last and last.pause == SENTENCE_PAUSE and len(last.phonemes) + len(part.phonemes) < most:
            done[-1] = _merged(last, part, joiner)
        else:
            done.append(part)
    return done


def _merged(first: Segment, second: Segment, joiner: str) -> Segment:
    shift = len(first.phonemes) + 1
    return Segment(
        words=first.words + second.words,
        text=f"{first.text}{joiner}{second.text}",
        phonemes=f"{first.phonemes} {second.phonemes}",
        places=first.places + tuple((begin + shift, end + shift) for begin, end in second.places),
        pause=second.pause,
    )


def _pause(text: str) -> float:
    if _SENTENCE_END.search(text):
        return SENTENCE_PAUSE
    return CLAUSE_PAUSE if _CLAUSE_END.search(text) else CUT_PAUSE
