"""Links to finished audio: signed, good for a while, dead when changed, out of time or deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import quote, urlencode

from hub.errors import Gone, NotFound

AUDIO_PATH = "/v1/audio"
STREAM_PATH = "/v1/tts/stream"
_PURPOSE = "audio-link"


class Signer(Protocol):
    """What `hub.secrets.Secrets` offers links: the newest key signs, every live key verifies."""

    def sign(self, purpose: str, message: bytes) -> str: ...

    def verify(self, purpose: str, message: bytes, signature: str) -> bool: ...


def sign_audio_link(
    *, base_url: str, secrets: Signer, generation_id: str, extension: str, expires_at: datetime
) -> str:
    """`{base_url}/v1/audio/{id}.{extension}?expires=…&signature=…`, good until `expires_at`.

    The extension is there for players and no-code tools that go by the file name; the signature binds the id
    and the time. `expires` is in whole seconds since 1970, rounded down.
    """
    query = _query(secrets, generation_id, expires_at)
    return f"{base_url}{AUDIO_PATH}/{quote(generation_id)}.{extension}?{query}"


def sign_stream_link(*, base_url: str, secrets: Signer, generation_id: str, expires_at: datetime) -> str:
    """The same permission, for `GET /v1/tts/stream/{id}`."""
    return f"{base_url}{STREAM_PATH}/{quote(generation_id)}?{_query(secrets, generation_id, expires_at)}"


def _query(secrets: Signer, generation_id: str, expires_at: datetime) -> str:
    expires = int(expires_at.timestamp())
    signature = secrets.sign(_PURPOSE, _message(generation_id, expires))
    return urlencode({"expires": expires, "signature": signature})


def check_audio_link(
    secrets: Signer, *, generation_id: str, expires: str | None, signature: str | None, now: datetime
) -> datetime:
    """The instant until which this link is good.

    Raises NotFound for a link we did not make (nothing is said about what was changed) and Gone for one whose
    time is over. Whether the audio is still there is the caller's to look up.
    """
    if (
        expires is None
        or signature is None
        or not (expires.isascii() and expires.isdigit())
        or len(expires) > 11
    ):
        raise NotFound("This audio link is not valid.", code="invalid_link")
    if not secrets.verify(_PURPOSE, _message(generation_id, int(expires)), signature):
        raise NotFound("This audio link is not valid.", code="invalid_link")
    until = datetime.fromtimestamp(int(expires), UTC)
    if now > until:
        raise Gone(
            "This audio link has expired; ask the generation's status for a fresh one.", code="link_expired"
        )
    return until


def link_expiry(now: datetime, lifetime: int) -> datetime:
    """When a link made `now` for `lifetime` seconds dies, on a whole second as the link says it."""
    return (now + timedelta(seconds=lifetime)).replace(microsecond=0)


def _message(generation_id: str, expires: int) -> bytes:
    return f"{generation_id}\n{expires}".encode()
