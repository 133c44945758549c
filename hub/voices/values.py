"""What is kept of a voice."""

from __future__ import annotations

from dataclasses import dataclass

from engine.values import Mode


@dataclass(frozen=True, slots=True)
class NewVoice:
    """A designed voice has a `description` (and may fix its `seed`); a cloned one has a `reference`, the
    bytes of a recording that was inspected, and the `consent` of the person who is heard in it. `warnings`
    say what of the recording will hurt the clone."""

    name: str
    description: str | None = None
    seed: int | None = None
    reference: bytes | None = None
    reference_text: str | None = None
    consent: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def mode(self) -> Mode:
        return Mode.CLONE if self.reference is not None else Mode.DESIGN
