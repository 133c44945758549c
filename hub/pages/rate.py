"""How often somebody may try what can be guessed."""

from __future__ import annotations

import hashlib

from hub.accounts.accounts import normalised_email
from hub.api.rates import RateWindows
from hub.errors import RateLimited, Unprocessable
from hub.pages.visit import Visit


async def refuse_when_often(visit: Visit, what: str, subject: str, *, limit: int, minutes: int) -> None:
    """Counts one try; raises RateLimited when `subject` tried `what` too often. Its name is not kept."""
    rates: RateWindows = visit.request.app.state.rates
    name = hashlib.sha256(one_spelling(subject).encode()).hexdigest()
    allowance = await rates.hit(f"{what}:{name}", limit, minutes=minutes)
    if not allowance.allowed:
        raise RateLimited(retry_after=allowance.reset)


def one_spelling(subject: str) -> str:
    """An e-mail address can be written in several ways that find the same account: they count together."""
    try:
        return normalised_email(subject)
    except Unprocessable:
        return subject.strip().lower()
