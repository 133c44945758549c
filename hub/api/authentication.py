"""Who is calling: the API key or OAuth access token of a request, and what it allows."""

from __future__ import annotations

from datetime import datetime, timedelta

from starlette.requests import Request

from hub.accounts import SCOPES, Caller, authenticate
from hub.accounts.keys import note_use
from hub.errors import Forbidden, Unauthenticated
from hub.hub import Hub
from hub.oauth import authenticate_token, is_access_token

_LONGEST_KEY = 512
_NOTED_EVERY = timedelta(minutes=1)


async def caller_of(request: Request, hub: Hub) -> Caller:
    """Raises Unauthenticated without a valid key or token in `Authorization: Bearer …` or `X-API-Key`."""
    secret = presented_key(request)
    if secret is None:
        raise Unauthenticated
    async with hub.database.reading() as session:
        if is_access_token(secret):
            return await authenticate_token(session, secret, hub.now())
        return await authenticate(session, secret, hub.now())


class KeyUses:
    """Notes when each key was last used, with at most one write a minute, key and process."""

    def __init__(self) -> None:
        self._noted: dict[str, datetime] = {}

    async def note(self, hub: Hub, caller: Caller) -> None:
        if caller.app is not None:
            return  # a connection's last use is noted when its tokens are refreshed
        now = hub.now()
        before = self._noted.get(caller.key_id)
        if before is not None and now - before < _NOTED_EVERY:
            return
        self._noted = {key: at for key, at in self._noted.items() if now - at < _NOTED_EVERY}
        self._noted[caller.key_id] = now
        async with hub.database.transaction() as session:
            await note_use(session, caller.key_id, now)


def presented_key(request: Request) -> str | None:
    scheme, _, credentials = request.headers.get("authorization", "").strip().partition(" ")
    given = credentials if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    key = given.strip()
    return key if 0 < len(key) <= _LONGEST_KEY and key.isascii() else None


def require_scope(caller: Caller, scope: str) -> None:
    """Raises Forbidden, naming the scope."""
    if scope in caller.scopes:
        return
    meaning = SCOPES[scope].lower()
    if caller.app is None:
        detail = f"This API key lacks the scope {scope} ({meaning}). Use a key that has it."
    else:
        detail = f"This app was not allowed the scope {scope} ({meaning}). Connect it again and allow it."
    challenge = f'Bearer error="insufficient_scope", scope="{scope}", realm="sayhook"'
    raise Forbidden(detail, code="scope_missing", headers={"WWW-Authenticate": challenge})
