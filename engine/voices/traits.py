"""What a description asks for, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, fields

KINDS = ("gender", "age", "accent", "emotion", "manner")
"""Traits that name one of a few."""


@dataclass(frozen=True, slots=True)
class Scales:
    """Traits with a strength: 0 is neutral, 1 what the plain word asks for ("deep" is pitch -1), 2 the most.

    `warmth` below 0 is brightness; `lively` is how far the melody moves; `breath`, `whisper`, `tremor` and
    `rough` have no negative side.
    """

    pitch: float = 0.0
    pace: float = 0.0
    energy: float = 0.0
    warmth: float = 0.0
    breath: float = 0.0
    whisper: float = 0.0
    tremor: float = 0.0
    rough: float = 0.0
    lively: float = 0.0


SCALES = tuple(field.name for field in fields(Scales))


@dataclass(frozen=True, slots=True)
class Traits:
    """`excluded` holds what was said not to be, as (kind, value): "not old" is ("age", "elderly").

    `heard` counts the phrases that meant something; `unknown` are words of no known meaning, `unserved`
    known ones that no voice here can follow ("Scottish", "singing").
    """

    gender: str | None = None
    age: str | None = None
    accent: str | None = None
    emotion: str | None = None
    manner: str | None = None
    scales: Scales = Scales()
    excluded: frozenset[tuple[str, str]] = frozenset()
    heard: int = 0
    unknown: tuple[str, ...] = ()
    unserved: tuple[str, ...] = ()

    @property
    def not_followed(self) -> tuple[str, ...]:
        """Sentences for the caller about the words that have no effect."""
        sentences = []
        if self.unknown:
            sentences.append(f"Not understood in the voice description: {_listed(self.unknown)}")
        if self.unserved:
            sentences.append(f"No voice here can follow: {_listed(self.unserved)}")
        return tuple(sentences)


def _listed(words: tuple[str, ...]) -> str:
    shown = ", ".join(f'"{word}"' for word in words[:8])
    return shown if len(words) <= 8 else f"{shown} and {len(words) - 8} more"
