"""Whose voice speaks a request: the one described, the one in its recording, or the language's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.values import Cancelled, SpeechRequest

if TYPE_CHECKING:
    from engine.packs import Packs
    from engine.voices import Voice
    from engine.voices.fit import Say

MOST_SEED = 2**31 - 1
SLOWEST, FASTEST = 0.5, 2.0
"""Speeds the model can speak at."""


def seed_of(request: SpeechRequest, cue: str | None) -> int:
    """The request's seed, or one that follows from all that decides its voice."""
    if request.seed is not None:
        return request.seed % (MOST_SEED + 1)
    inputs = hashlib.sha256()
    for part in (request.description or "", cue or "", request.reference_text or ""):
        inputs.update(part.encode("utf-8", "replace") + b"\0")
    inputs.update(request.reference or b"")
    return int.from_bytes(inputs.digest()[:4], "big") & MOST_SEED


class Casting:
    """The voices of one request: one, coloured by each of its cues.

    `voice` raises `ReferenceRejected` for a recording that cannot serve.
    """

    def __init__(
        self,
        request: SpeechRequest,
        code: str,
        seed: int,
        packs: Packs,
        models: Path,
        say: Say,
        cancelled: Cancelled | None = None,
    ) -> None:
        self._request = request
        self._code = code
        self._seed = seed
        self._packs = packs
        self._models = models
        self._say = say
        self._cancelled = cancelled
        self._made: dict[tuple[str | None, str | None], Voice] = {}
        self._cloned: Voice | None = None

    @property
    def voices(self) -> Iterable[Voice]:
        """Those that were asked for, in that order."""
        return self._made.values()

    def voice(self, cue: str | None, speaker: str | None = None) -> Voice:
        """The voice under a cue; `speaker` is an earlier cue that said who speaks."""
        made = self._made.get((cue, speaker))
        if made is None:
            made = self._made[cue, speaker] = self._at_speed(self._coloured(cue, speaker))
        return made

    def _coloured(self, cue: str | None, speaker: str | None) -> Voice:
        from engine import voices

        asked = self._request
        if asked.reference is None:
            return voices.design(
                asked.description,
                cue,
                self._code,
                self._seed,
                self._packs,
                speaker=speaker,
                manner=asked.instructions,
            )
        cues = ", ".join(part for part in (asked.instructions, speaker, cue) if part)
        # Not a cached_property: Python 3.11 lets only one object of a class make its own at a time.
        self._cloned = self._cloned or self._clone(asked.reference)
        return voices.coloured(self._cloned, asked.description, cues or None, self._seed)

    def _at_speed(self, voice: Voice) -> Voice:
        if self._request.speed == 1.0:
            return voice
        wanted = voice.speed * self._request.speed
        speed = min(max(wanted, SLOWEST), FASTEST)
        if speed == wanted:
            return replace(voice, speed=speed)
        warning = f"The speed was brought to what this voice can do: {speed / voice.speed:.2f}"
        return replace(voice, speed=speed, warnings=(*voice.warnings, warning))

    def _clone(self, recording: bytes) -> Voice:
        from engine import reference, voices

        info, samples = reference.read(recording)
        cloned = voices.clone(
            samples,
            info.sample_rate,
            cfg_value=self._request.cfg_value,
            timesteps=self._request.inference_timesteps,
            language=self._code,
            packs=self._packs,
            models=self._models,
            say=self._say,
            cancelled=self._cancelled,
        )
        return replace(cloned, warnings=(*info.warnings, *cloned.warnings))
