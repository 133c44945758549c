"""Orders and finished speech for tests of the job path."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import soundfile

from connectors.values import SpeechOrder
from engine.longform import TextKind, plan_text
from engine.values import AudioFormat, Speech, SpeechRequest, Word
from hub.hub import Hub
from hub.jobs import Claim, accept, claim
from hub.store.tables import Account, Generation


def order(
    text: str = "Good morning.", *, reference: bytes | None = None, callback: str | None = None
) -> SpeechOrder:
    return SpeechOrder(SpeechRequest(text, reference=reference), callback_url=callback, metadata={"sku": 7})


def long_order() -> SpeechOrder:
    """Of two parts."""
    return replace(order("# One\n\nTwo."), parts=plan_text("# One\n\nTwo.", TextKind.MARKDOWN))


def speech(seconds: float = 0.5) -> Speech:
    """A real, short WAV file of a tone."""
    tone = 0.1 * np.sin(2 * np.pi * 220 * np.arange(int(24_000 * seconds)) / 24_000)
    file = io.BytesIO()
    soundfile.write(file, tone.astype(np.float32), 24_000, format="WAV", subtype="PCM_16")
    return Speech(
        audio=file.getvalue(),
        format=AudioFormat.WAV,
        sample_rate=24_000,
        duration_seconds=seconds,
        language="en",
        seed=7,
        engine="kokoro",
        words=(Word("Good", 0.0, 0.2), Word("morning.", 0.2, seconds)),
        peaks=(0.1,) * 200,
        warnings=("from the engine",),
    )


async def accepted(hub: Hub, account: Account, what: SpeechOrder | None = None) -> Generation:
    acceptance = await accept(hub, what or order(), account_id=account.id)
    assert acceptance.generation is not None
    return acceptance.generation


async def claimed(hub: Hub, account: Account, what: SpeechOrder | None = None) -> Claim:
    generation = await accepted(hub, account, what)
    taken = await claim(hub, generation.id)
    assert taken is not None
    return taken
