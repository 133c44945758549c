"""Text that remembers how it was written while parts of it are spelled out for speaking."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Say = Callable[[re.Match[str]], str | None]
"""What to speak for a match, or None to leave it as it is."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`shown` is what was written; `spoken` says it in words. A settled piece is not looked at again."""

    shown: str
    spoken: str
    settled: bool = False


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word of a caption and the words spoken for it, punctuation included."""

    shown: str
    spoken: str


def plain(text: str) -> list[Piece]:
    return [Piece(text, text)]


def spell_out(pieces: Iterable[Piece], pattern: re.Pattern[str], say: Say) -> list[Piece]:
    """Settle every match of `pattern` in the unsettled pieces with what `say` returns for it."""
    done: list[Piece] = []
    for piece in pieces:
        done += [piece] if piece.settled else _spell_out(piece.shown, pattern, say)
    return done


def _spell_out(text: str, pattern: re.Pattern[str], say: Say) -> list[Piece]:
    done: list[Piece] = []
    start = 0
    for match in pattern.finditer(text):
        spoken = say(match)
        if spoken is None:
            continue
        done += plain(text[start : match.start()]) if match.start() > start else []
        done.append(Piece(match[0], spoken, settled=True))
        start = match.end()
    return done + (plain(text[start:]) if start < len(text) else [])


def words(pieces: Iterable[Piece]) -> list[SpokenWord]:
    """The pieces as words, separated by whitespace in unsettled ones and at the end of settled ones."""
    done: list[SpokenWord] = []
    shown = spoken = ""
    for piece in pieces:
        if piece.settled:
            shown, spoken = shown + piece.shown, _joined(spoken, piece.spoken)
            if piece.spoken[-1:].isspace():
                done.append(SpokenWord(shown.strip(), spoken.strip()))
                shown = spoken = ""
            continue
        for part in re.split(r"(\s+)", piece.shown):
            if part and not part.isspace():
                glue = spoken and piece.shown.startswith(part) and _needs_space(spoken, part)
                shown, spoken = shown + part, spoken + (" " if glue else "") + part
            elif part:
                done.append(SpokenWord(shown.strip(), spoken.strip()))
                shown = spoken = ""
    done.append(SpokenWord(shown.strip(), spoken.strip()))
    return _without_bare_marks(done)


def _without_bare_marks(found: Iterable[SpokenWord]) -> list[SpokenWord]:
    """A dash or bracket standing alone belongs to the word before it."""
    done: list[SpokenWord] = []
    for word in found:
        if done and word.spoken and not any(character.isalnum() for character in word.spoken):
            last = done.pop()
            done.append(SpokenWord(f"{last.shown} {word.shown}", f"{last.spoken} {word.spoken}"))
        elif word.spoken:
            done.append(word)
    return done


def _joined(before: str, after: str) -> str:
    return f"{before} {after}" if _needs_space(before, after) else before + after


def _needs_space(before: str, after: str) -> bool:
    return before[-1:].isalnum() and after[:1].isalnum()
