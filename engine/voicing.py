"""Whose voice speaks a request: the one described, the one in its recording, or the language's own."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.values import Cancelled, SpeechRequest

if TYPE_CHECKING:
    from engine.packs import Packs
    from engine.voices import Voice
    from engine.voices.fit import Say

MOST_SEED = 2**31 - 1


def seed_of(request: SpeechRequest, cue: str | None) -> int:
    """The request's seed, or one that follows from all that decides its voice."""
    if request.seed is not None:
        return request.seed % (MOST_SEED + 1)
    inputs = hashlib.sha256()
    for part in (request.description or "", cue or "", request.reference_text or ""):
        inputs.update(part.encode("utf-8", "replace") + b"\0")
    inputs.update(request.reference or b"")
    return int.from_bytes(inputs.digest()[:4], "big") & MOST_SEED


def voice_of(
    request: SpeechRequest,
    cue: str | None,
    code: str,
    seed: int,
    packs: Packs,
    models: Path,
    say: Say,
    cancelled: Cancelled | None = None,
) -> Voice:
    """The voice for speaking `code`. Raises `ReferenceRejected` for a recording that cannot serve."""
    from engine import reference, voices

    if request.reference is None:
        return voices.design(request.description, cue, code, seed, packs)
    info = reference.inspect(request.reference)
    samples, rate = reference.load(request.reference)
    cloned = voices.clone(
        samples,
        rate,
        cfg_value=request.cfg_value,
        timesteps=request.inference_timesteps,
        language=code,
        packs=packs,
        models=models,
        say=say,
        cancelled=cancelled,
    )
    warned = replace(cloned, warnings=(*info.warnings, *cloned.warnings))
    return voices.coloured(warned, request.description, cue, seed)
