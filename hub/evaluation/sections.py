"""The sections of an evaluation, by name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType

from hub.evaluation.bench import Bench
from hub.evaluation.clone_steps import clone_steps
from hub.evaluation.clone_words import clone_words
from hub.evaluation.clones import clones
from hub.evaluation.design import design
from hub.evaluation.figures import Figure
from hub.evaluation.reading import reading
from hub.evaluation.tongues import detection, symbols
from hub.evaluation.words import quality, word_errors

Section = Callable[[Bench], list[Figure]]

SECTIONS: Mapping[str, Section] = MappingProxyType(
    {
        "reading": reading,
        "design": design,
        "detection": detection,
        "symbols": symbols,
        "words": word_errors,
        "quality": quality,
        "clones": clones,
        "clone_words": clone_words,
        "clone_steps": clone_steps,
    }
)

NEED_PEOPLE = frozenset({"clones", "clone_words", "clone_steps"})
"""Sections that measure nothing without recordings of real people."""


def evaluate(bench: Bench, only: Collection[str] = ()) -> Iterator[tuple[str, list[Figure]]]:
    """Each section's figures as they are known. Raises `LibraryMissing` where a section cannot listen."""
    for name, section in SECTIONS.items():
        if not only or name in only:
            yield name, section(bench)
