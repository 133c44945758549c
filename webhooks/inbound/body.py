"""Taking a request's body as it came, byte for byte, without letting it grow past a cap."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Final

from webhooks.errors import BodyTooLarge

MAX_BYTES: Final = 1024 * 1024


async def read_body(
    chunks: AsyncIterable[bytes], *, declared: str | None = None, limit: int = MAX_BYTES
) -> bytes:
    """The whole body. Raises BodyTooLarge at the first byte over `limit`, keeping no more than that.

    `declared` is the Content-Length header: a length over the limit is refused before anything is read.
    """
    too_large = BodyTooLarge(f"The body is larger than {limit} bytes.")
    if declared is not None and declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise too_large
    body = bytearray()
    async for chunk in chunks:
        if len(body) + len(chunk) > limit:
            raise too_large
        body += chunk
    return bytes(body)
