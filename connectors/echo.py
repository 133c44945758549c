"""Whether an event is only our own write-back coming round, or a save that changed nothing one would hear.

Decided by what would be heard, never by the arrival of an event: platforms announce our own write as an
edit, send one edit several times, and send edits out of order.
"""

from __future__ import annotations

import hashlib
import json

from connectors.values import Ignored, SpeechOrder
from engine.values import SpeechRequest

_VERSION = 1


def spoken_hash(request: SpeechRequest) -> str:
    """64 hex digits over the text and every voice setting; equal ones sound the same."""
    reference = request.reference
    said = [
        _VERSION,
        request.text,
        request.language,
        request.description,
        None if reference is None else hashlib.sha256(reference).hexdigest(),
        request.reference_text,
        request.cfg_value,
        request.inference_timesteps,
        request.seed,
        request.format.value,
        request.instructions,
        request.speed,
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()


def already_spoken(order: SpeechOrder, last_hash: str | None) -> Ignored | None:
    """Ignored when the target's last finished or running job would sound the same.

    `last_hash` is None for a target that was never spoken, or whose last job failed: then it is spoken.
    """
    if order.spoken_hash is not None and order.spoken_hash == last_hash:
        return Ignored("What would be heard has not changed since it was last spoken.")
    return None
