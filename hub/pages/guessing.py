"""How often a password may be guessed, so that no stranger can keep an owner out of their account.

A browser that was signed in to an account carries a cookie that says so, and counts by itself. Everybody
else counts by their own address; and all strangers together, wherever they ask from, get a few tries a
minute once there were many. So a stranger shuts out at most their own address; strangers from many addresses
slow down a new browser, never a known one, and never the link by mail.
"""

from __future__ import annotations

import hashlib
import secrets as random

from starlette.responses import Response

from hub.errors import RateLimited
from hub.hub import Hub
from hub.pages import cookies
from hub.pages.rate import one_spelling, refuse_when_often
from hub.pages.visit import Visit

PER_ADDRESS, ADDRESS_MINUTES = 30, 5
"""Of one address, for whatever accounts."""
PER_PAIR, PAIR_MINUTES = 10, 15
"""Of one address, or of one known browser, for one account."""
ALL_STRANGERS, STRANGERS_MINUTES = 30, 15
"""For one account, before strangers are slowed down to `SLOWED` a minute."""
SLOWED = 3
_PURPOSE = "known-browser"
_YEAR = 365 * 24 * 3600


async def count_guess(visit: Visit, email: str) -> None:
    """Raises RateLimited when it is one too many; counted before the password is looked at."""
    if _is_known(visit, email):
        nonce = _nonce(visit)
        await refuse_when_often(visit, "sign-in-known", nonce, limit=PER_PAIR, minutes=PAIR_MINUTES)
        return
    await refuse_when_often(visit, "sign-in", visit.address, limit=PER_ADDRESS, minutes=ADDRESS_MINUTES)
    pair = f"{visit.address} {one_spelling(email)}"
    await refuse_when_often(visit, "sign-in-pair", pair, limit=PER_PAIR, minutes=PAIR_MINUTES)
    try:
        await refuse_when_often(
            visit, "sign-in-strangers", email, limit=ALL_STRANGERS, minutes=STRANGERS_MINUTES
        )
    except RateLimited:
        await refuse_when_often(visit, "sign-in-slowed", email, limit=SLOWED, minutes=1)


def remember_browser(visit: Visit, response: Response, email: str) -> None:
    """The browser has shown the password; its next guesses are not a stranger's."""
    nonce = _nonce(visit) if _is_known(visit, email) else random.token_urlsafe(12)
    value = f"{nonce}.{_signature(visit.hub, email, nonce)}"
    cookies.set_cookie(response, cookies.KNOWN, value, secure=visit.is_secure, seconds=_YEAR)


def _is_known(visit: Visit, email: str) -> bool:
    nonce, _, signature = _cookie(visit).partition(".")
    return bool(signature) and visit.hub.secrets.verify(_PURPOSE, _said(email, nonce), signature)


def _nonce(visit: Visit) -> str:
    return _cookie(visit).partition(".")[0]


def _cookie(visit: Visit) -> str:
    return cookies.read_cookie(visit.request, cookies.KNOWN, secure=visit.is_secure) or ""


def _signature(hub: Hub, email: str, nonce: str) -> str:
    return hub.secrets.sign(_PURPOSE, _said(email, nonce))


def _said(email: str, nonce: str) -> bytes:
    return f"{nonce} {hashlib.sha256(one_spelling(email).encode()).hexdigest()}".encode()
