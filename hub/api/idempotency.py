"""`Idempotency-Key`: a POST that is repeated does nothing and gets the first answer again, for 24 hours."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from hub.errors import Unprocessable
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
