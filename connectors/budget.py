"""What one rendering may cost. Counted, not timed, so that the same template always ends the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from connectors.errors import MappingFailed

STEPS: Final = 100_000
"""Loop rounds and filter calls, and one more for every 64 characters or entries a filter is given."""

MAX_VALUE: Final = 1_000_000
"""Longest text that a filter may make."""


@dataclass(slots=True)
class Rendering:
    """The event's fields, for naming them in a sentence, and the steps that are left."""

    fields: Mapping[str, Any]
    steps: int = STEPS


_CURRENT: ContextVar[Rendering | None] = ContextVar("rendering", default=None)


@contextmanager
def rendering(fields: Mapping[str, Any]) -> Iterator[None]:
    token = _CURRENT.set(Rendering(fields))
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_fields() -> Mapping[str, Any]:
    state = _CURRENT.get()
    return state.fields if state else {}


def spend(steps: int) -> None:
    """Raises MappingFailed when a template asks for more work than any text needs."""
    state = _CURRENT.get()
    if state is None:
        return
    state.steps -= steps
    if state.steps < 0:
        raise MappingFailed("The template goes over too many entries. Use fewer or shorter loops.")


def bounded(length: int) -> None:
    """Asked before a value of `length` is made."""
    if length > MAX_VALUE:
        raise MappingFailed(f"The template makes a text of more than {MAX_VALUE} characters.")
