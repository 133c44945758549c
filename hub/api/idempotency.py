"""`Idempotency-Key`: a POST that is repeated does nothing and gets the first answer again, for 24 hours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import JSONResponse

from hub.api.call import Call
from hub.errors import Conflict, Unprocessable
from hub.store import idempotency
from hub.store.idempotency import StoredAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
MAX_LENGTH = 255

_LOOKS, _PAUSE = 50, 0.2
"""How often, and with what pause in seconds, a request looks for the answer of a parallel one."""


def idempotency_key(request: Request) -> str | None:
    """The key, or None when there is none; raises Unprocessable when it cannot be one."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not (0 < len(key) <= MAX_LENGTH and key.isascii() and key.isprintable()):
        raise Unprocessable(HEADER, f"must be 1 to {MAX_LENGTH} printable ASCII characters.")
    return key


def stored_response(answer: StoredAnswer, *, replayed: bool) -> JSONResponse:
    headers = {**answer.headers, REPLAYED: "true"} if replayed else answer.headers
    return JSONResponse(answer.body, status_code=answer.status, headers=headers)


async def answered_once(
    call: Call, fingerprint: str, work: Callable[[], Awaitable[StoredAnswer]]
) -> JSONResponse:
    """Do the work, or give the answer of the first time.

    The key is reserved before the work begins: of parallel requests one does it and the others wait for its
    answer. Work that was cut short by the end of its process is never done again under the same key.
    """
    key = idempotency_key(call.request)
    if key is None:
        return stored_response(await work(), replayed=False)
    replay = await _reserve(call, key, fingerprint)
    if replay is not None:
        return stored_response(replay, replayed=True)
    try:
        answer = await work()
    except Exception:
        async with call.hub.database.transaction() as session:
            await idempotency.release(session, call.account_id, key)
        raise
    async with call.hub.database.transaction() as session:
        await idempotency.answer(session, call.account_id, key, answer)
    return stored_response(answer, replayed=False)


async def named_once(
    call: Call, fingerprint: str, work: Callable[[], Awaitable[str]], *, location: str = ""
) -> tuple[str, dict[str, str]]:
    """The same for work on a thing with secrets, of which only the id is kept.

    Returns the id and the headers of the answer; with `location` one of them is that address and the id.
    """

    async def done() -> StoredAnswer:
        made = await work()
        return StoredAnswer(201, {"Location": f"{location}/{made}"} if location else {}, {"id": made})

    kept = await answered_once(call, fingerprint, done)
    headers = {name: kept.headers[name] for name in ("location", REPLAYED) if name in kept.headers}
    return json.loads(bytes(kept.body))["id"], headers


async def _reserve(call: Call, key: str, fingerprint: str) -> StoredAnswer | None:
    """The first answer, after waiting for it; None when the key is ours now."""
    for _ in range(_LOOKS):
        try:
            async with call.hub.database.transaction() as session:
                now = call.hub.now()
                found = await idempotency.find(session, call.account_id, key, fingerprint, now)
                if found is None:
                    await idempotency.reserve(session, call.account_id, key, fingerprint, now)
                    return None
        except IntegrityError:
            continue  # a parallel request was first
        if found.status != idempotency.RESERVED:
            return found
        await asyncio.sleep(_PAUSE)
    raise Conflict(
        "A request with this Idempotency-Key is being worked on, or was cut short. "
        "Look for what it made before you send it again with another key.",
        code="idempotency_key_in_use",
    )
