"""Cues: directions in parentheses before the words they colour, heard in the voice and never spoken."""

from __future__ import annotations

import re

from engine.voices.describe import describe
from engine.voices.lexicon import lexicon, split

_LEADING = re.compile(r"\s*(?:\(([^()]{1,120})\)|（([^（）]{1,120})）)\s*")
_SENTENCE_END = re.compile(r"[.!?…:;]\s*$|[。！？]\s*$")
_AS_IF = re.compile(r"\s*(?:as if|as though|like|sounding|speaking|spoken|in an?)\b", re.IGNORECASE)


def split_cue(text: str) -> tuple[str | None, str]:
    """A leading cue and the rest that is spoken: `("cheerful", "Good morning!")`.

    A parenthesis that is ordinary prose, as in "(see page 4) Turn left", stays text: then the cue is None
    and the text comes back as it was.
    """
    found = _LEADING.match(text)
    if found is None:
        return None, text
    inner = (found[1] or found[2]).strip()
    return (inner, text[found.end() :]) if is_cue(inner) else (None, text)


def is_understood(inner: str) -> bool:
    """Whether every word of a direction has a meaning here."""
    traits = describe(inner)
    return bool(traits.heard or traits.unserved) and not traits.unknown


def is_cue(inner: str) -> bool:
    """Whether the inside of a parenthesis directs a voice rather than being prose."""
    words = split(inner)
    if not words or _SENTENCE_END.search(inner):
        return False
    if _AS_IF.match(inner) is None and not lexicon().prose.isdisjoint(words):
        return False
    traits = describe(inner)
    known = traits.heard + len(traits.unserved)
    return len(traits.unknown) <= known if known else _looks_like_manner(words)


def _looks_like_manner(words: list[str]) -> bool:
    """One unknown adverb ("grudgingly"): a direction that will be reported as not understood."""
    return len(words) == 1 and words[0].endswith("ly") and words[0] not in lexicon().remarks
