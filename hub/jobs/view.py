"""A generation as its owner sees it: the document of the status route and the body of every callback."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hub.instants import rfc3339
from hub.links import Signer, link_expiry, sign_audio_link
from hub.store.tables import Generation

_GIVEN_BACK = frozenset({"failed", "cancelled"})


def status_document(
    generation: Generation, *, base_url: str, secrets: Signer, now: datetime, link_lifetime: int
) -> dict[str, Any]:
    """JSON of `GET /v1/tts/status/{id}`, with a link made now that lives `link_lifetime` seconds.

    Times are RFC 3339 in UTC with Z. `credits_used` is the price, or 0.0 once it was given back. `language`,
    `seed` and `engine` are what was spoken as soon as that is known. The links to captions are null when the
    engine gave no word times.
    """
    expires_at = link_expiry(now, link_lifetime) if _has_audio(generation) else None

    def link(extension: str, *, there: bool = True) -> str | None:
        if expires_at is None or not there:
            return None
        return sign_audio_link(
            base_url=base_url,
            secrets=secrets,
            generation_id=generation.id,
            extension=extension,
            expires_at=expires_at,
        )

    timed = bool(generation.words)
    return {
        "id": generation.id,
        "status": generation.status,
        "mode": generation.mode,
        "language": generation.spoken_language or generation.language,
        "progress": round(generation.progress, 3),
        "credits_used": 0.0 if generation.status in _GIVEN_BACK else float(generation.price),
        "created_at": rfc3339(generation.created_at),
        "started_at": _when(generation.started_at),
        "completed_at": _when(generation.completed_at),
        "output_url": link(generation.format),
        "output_expires_at": _when(expires_at),
        "duration_seconds": generation.duration_seconds,
        "format": generation.format,
        "seed": generation.seed if generation.spoken_seed is None else generation.spoken_seed,
        "engine": generation.engine,
        "captions": {"srt_url": link("srt", there=timed), "vtt_url": link("vtt", there=timed)},
        "metadata": generation.sender_metadata,
        "error": _error(generation),
        "warnings": generation.warnings,
    }


def _has_audio(generation: Generation) -> bool:
    return (
        generation.status == "completed"
        and generation.audio_key is not None
        and generation.deleted_at is None
    )


def _error(generation: Generation) -> dict[str, str] | None:
    if generation.error_code is None:
        return None
    return {"code": generation.error_code, "message": generation.error_message or ""}


def _when(instant: datetime | None) -> str | None:
    return None if instant is None else rfc3339(instant)
