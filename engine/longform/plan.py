"""A script cut into parts of at most 500 characters, at the best edge there is.

Edges, best first: between blocks, between sentences, between clauses, between words, anywhere. No character
but the blanks around an edge is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.directions import MARKED, Passage, marked_cues, read
from engine.longform.script import Block, TextKind, read_script
from engine.values import MAX_TEXT_CHARACTERS

MAX_CHARACTERS = 50_000
"""Longest text of one job, in Unicode code points: about an hour of speech."""

SENTENCE_PAUSE, PARAGRAPH_PAUSE, HEADING_PAUSE, CLAUSE_PAUSE, CUT_PAUSE = 0.32, 0.7, 0.9, 0.18, 0.05
"""Silence after a part in seconds, by what ends there."""

_LEAST = 100
"""Characters left to a part's own words, however long its cues are."""

_HELD = "\ue000"
"""Stands for the blanks inside a direction, so that no part ends there."""

_CLOSING = r"[\"'”’»)\]]*"
_SENTENCE_EDGE = re.compile(rf"(?<=[.!?…]){_CLOSING}\s+|(?<=[。！？।॥])[」』”’）]*\s*")
_CLAUSE_EDGE = re.compile(r"(?<=[,;:—])\s+|(?<=[，、；：])\s*")
_BLANKS = re.compile(r"\s+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“‘])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|No|vs|etc|e\.g|i\.e|Sr|Jr|Nr|Hr|Fr|Sra|Dra|M|Mme|bzw|z\.B)\.$"
)


@dataclass(frozen=True, slots=True)
class Part:
    """What one call of the engine speaks; `pause` is the silence after it in seconds.

    `heading` is the title of the chapter that begins here, or None.
    """

    text: str
    pause: float
    heading: str | None = None


def plan_text(text: str, kind: TextKind = TextKind.PLAIN) -> tuple[Part, ...]:
    """The parts of a text as its sender wrote it; those a cue holds for begin with it."""
    carried = max((len(_cues(passage)) for passage in read(text).passages), default=0)
    whole = [replace(block, text=MARKED.sub(_uncut, block.text)) for block in read_script(text, kind)]
    parts = plan(whole, max(MAX_TEXT_CHARACTERS - carried, _LEAST))
    return tuple(_directed(replace(part, text=part.text.replace(_HELD, " ")) for part in parts))


def _directed(parts: Iterable[Part]) -> Iterator[Part]:
    """Each part under the cues in force where it begins; directions without words go with the next part."""
    held: Part | None = None
    before = ""
    in_force = Passage("")
    for part in parts:
        text = before + part.text
        reading = read(_cues(in_force) + text)
        in_force = reading.last
        if not reading.passages:
            before = f"{text} "
            continue
        if held is not None:
            yield held
        first = reading.passages[0]
        alone = read(text).passages[0]
        told = (alone.cue, alone.speaker) == (first.cue, first.speaker)
        held = replace(part, text=text if told else _cues(first) + text)
        before = ""
    if held is not None:
        yield replace(held, text=f"{held.text} {before}".strip(), pause=0.0)


def _cues(passage: Passage) -> str:
    return marked_cues(passage.speaker, passage.cue)


def _uncut(mark: re.Match[str]) -> str:
    return mark[0].replace(" ", _HELD)


def plan(script: Iterable[Block], most: int = MAX_TEXT_CHARACTERS) -> list[Part]:
    """The parts of `script`, none longer than `most` characters; the last one is followed by no pause."""
    parts = [part for block in script for part in _block_parts(block, most)]
    if parts:
        parts[-1] = Part(parts[-1].text, 0.0, parts[-1].heading)
    return parts


def _block_parts(block: Block, most: int) -> Iterator[Part]:
    texts = list(_packed(block.text, most))
    last = HEADING_PAUSE if block.heading else PARAGRAPH_PAUSE
    for number, (text, pause) in enumerate(texts):
        heading = block.text if block.heading and number == 0 else None
        yield Part(text, last if number == len(texts) - 1 else pause, heading)


def _packed(text: str, most: int) -> Iterator[tuple[str, float]]:
    """Neighbouring sentences together while they fit: fewer joins, steadier prosody."""
    filled = ""
    for sentence in _sentences(text):
        joined = f"{filled} {sentence}".strip()
        if len(joined) <= most:
            filled = joined
            continue
        if filled:
            yield filled, SENTENCE_PAUSE
        *cut, filled = _cut(sentence, most)
        for piece in cut:
            yield piece, CLAUSE_PAUSE if _CLAUSE_EDGE.search(piece + " ") else CUT_PAUSE
    if filled:
        yield filled, SENTENCE_PAUSE


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for edge in _SENTENCE_EDGE.finditer(text):
        sentence = text[start : edge.end()].strip()
        if sentence and not _ABBREVIATION.search(sentence):
            yield sentence
            start = edge.end()
    if rest := text[start:].strip():
        yield rest


def _cut(sentence: str, most: int) -> list[str]:
    """A sentence longer than `most`, cut at the last clause end, else blank, else character that fits."""
    pieces = []
    rest = sentence
    while len(rest) > most:
        at = _last_edge(_CLAUSE_EDGE, rest, most) or _last_edge(_BLANKS, rest, most) or most
        pieces.append(rest[:at].strip())
        rest = rest[at:].strip()
    return [*pieces, rest] if rest else pieces


def _last_edge(edge: re.Pattern[str], text: str, most: int) -> int:
    ends = [
        found.end() for found in edge.finditer(text, 0, most + 1) if found.start() <= most and found.end() > 0
    ]
    return max((end for end in ends if len(text[:end].strip()) <= most), default=0)
