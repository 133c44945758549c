"""`Idempotency-Key`: a POST that is repeated does nothing and gets the first answer again, for 24 hours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse

from hub.api.call import Call
from hub.errors import Unprocessable
from hub.store import idempotency
from hub.store.idempotency import StoredAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
MAX_LENGTH = 255


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

    For work that does no harm when it is done twice: the answer is remembered after it, in a transaction of
    its own.
    """
    key = idempotency_key(call.request)
    if key is not None and (replay := await _first_answer(call, key, fingerprint)):
        return stored_response(replay, replayed=True)
    answer = await work()
    if key is not None:
        await _remember(call, key, fingerprint, answer)
    return stored_response(answer, replayed=False)


async def _first_answer(call: Call, key: str, fingerprint: str) -> StoredAnswer | None:
    async with call.hub.database.transaction() as session:
        return await idempotency.find(session, call.account_id, key, fingerprint, call.hub.now())


async def _remember(call: Call, key: str, fingerprint: str, answer: StoredAnswer) -> None:
    async with call.hub.database.transaction() as session:
        now = call.hub.now()
        if await idempotency.find(session, call.account_id, key, fingerprint, now) is None:
            await idempotency.remember(session, call.account_id, key, fingerprint, answer, now)
