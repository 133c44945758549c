"""Which audio lets a saved voice be heard without paying for it again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.store.tables import Generation, SavedVoice

_LOOKED_AT = 300


async def latest_samples(
    session: AsyncSession, account_id: str, voices: Sequence[SavedVoice]
) -> dict[str, Generation]:
    """By voice id, the newest audio among the account's latest that has a voice's description and seed."""
    designed = {(voice.description, voice.seed): voice.id for voice in voices if voice.mode == "design"}
    if not designed:
        return {}
    chosen = (
        select(Generation)
        .where(
            Generation.account_id == account_id,
            Generation.deleted_at.is_(None),
            Generation.audio_key.is_not(None),
            Generation.voice_description.in_({description for description, _ in designed}),
        )
        .order_by(Generation.created_at.desc(), Generation.id.desc())
        .limit(_LOOKED_AT)
    )
    found: dict[str, Generation] = {}
    for row in await session.scalars(chosen):
        for seed in (row.seed, row.spoken_seed):
            voice_id = designed.get((row.voice_description, seed))
            if voice_id is not None:
                found.setdefault(voice_id, row)
    return found
