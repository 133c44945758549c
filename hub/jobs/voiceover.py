"""A generation in one flat shape: what scenario builders read, are called back with, and are told by hooks.

Their editors show people one row a key, so nothing is nested but the sender's own `metadata`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.hub import Hub
from hub.jobs.view import status_document
from hub.store.connection_tables import InboundEvent
from hub.store.tables import Account, Generation

PATH = "/v1/voiceovers"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a flat document says that the generation's own row does not."""

    credits_remaining: int
    connection_id: str | None = None


async def surroundings(
    session: AsyncSession, account_id: str, generation_ids: Iterable[str]
) -> Mapping[str, Surroundings]:
    """For each of an account's generations; a text that a connection read names it."""
    wanted = list(generation_ids)
    credits = await session.scalar(select(Account.credits).where(Account.id == account_id))
    chosen = select(InboundEvent.generation_id, InboundEvent.connection_id).where(
        InboundEvent.generation_id.in_(wanted)
    )
    read_by = {row.generation_id: row.connection_id for row in await session.execute(chosen)}
    return {one: Surroundings(credits or 0, read_by.get(one)) for one in wanted}


async def around(session: AsyncSession, generation: Generation) -> Surroundings:
    return (await surroundings(session, generation.account_id, [generation.id]))[generation.id]


def voiceover_document(
    hub: Hub, generation: Generation, besides: Surroundings, base_url: str | None = None
) -> dict[str, Any]:
    """JSON of `GET /v1/voiceovers/{id}`, with links made now; every key is there in every state."""
    base = base_url or hub.settings.base_url
    status = status_document(
        generation,
        base_url=base,
        secrets=hub.secrets,
        now=hub.now(),
        link_lifetime=hub.settings.link_lifetime,
    )
    error = status["error"] or {"code": None, "message": None}
    has_audio = status["output_url"] is not None
    return {
        **{name: status[name] for name in ("id", "status", "mode")},
        "source": generation.source,
        "connection_id": besides.connection_id,
        "voice_id": generation.voice_id,
        **{name: status[name] for name in ("language", "format", "output_url", "output_expires_at")},
        "download_url": f"{base}{PATH}/{generation.id}/audio" if has_audio else None,
        **status["captions"],
        "duration_seconds": status["duration_seconds"],
        "characters": len(generation.text),
        "credits_used": status["credits_used"],
        "credits_remaining": float(besides.credits_remaining),
        **{name: status[name] for name in ("progress", "seed", "engine")},
        "error_code": error["code"],
        "error_message": error["message"],
        "warnings": " ".join(generation.warnings),
        **{name: status[name] for name in ("metadata", "created_at", "started_at", "completed_at")},
    }


async def load_voiceover(
    session: AsyncSession, hub: Hub, generation_id: str, base_url: str | None = None
) -> dict[str, Any] | None:
    """None when the generation is no longer in the record."""
    generation = await session.get(Generation, generation_id)
    if generation is None:
        return None
    return voiceover_document(hub, generation, await around(session, generation), base_url)


_UNSPOKEN: Mapping[str, Any] = MappingProxyType(
    {"progress": 0.0, "duration_seconds": None, "spoken_seed": None}
)
_FAILURE: Mapping[str, Any] = MappingProxyType(
    {"error_code": "nothing_to_speak", "error_message": "There is nothing to speak in this text."}
)


def sample_voiceover(hub: Hub, now: datetime, status: str = "completed") -> dict[str, Any]:
    """An ended voiceover that never was, for trying a hook in an account that has none yet."""
    sample = Generation(
        id="00000000-0000-4000-8000-000000000000",
        source="api",
        status="completed",
        mode="design",
        price=50,
        text="Hello from Sayhook.",
        language="en",
        spoken_language="en",
        spoken_seed=7,
        format="mp3",
        engine="sample",
        duration_seconds=1.6,
        progress=1.0,
        words=[],
        warnings=[],
        sender_metadata={},
        created_at=now,
        started_at=now,
        completed_at=now,
    )
    sample.status = status
    unlike = {} if status == "completed" else {**_UNSPOKEN, **(_FAILURE if status == "failed" else {})}
    for name, value in unlike.items():
        setattr(sample, name, value)
    return voiceover_document(hub, sample, Surroundings(500))
