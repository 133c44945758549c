"""How often somebody may try what can be guessed."""

from __future__ import annotations

import hashlib

from hub.api.rates import RateWindows
from hub.errors import RateLimited
from hub.pages.visit import Visit


async def refuse_when_often(visit: Visit, what: str, subject: str, *, limit: int, minutes: int) -> None:
    """Counts one try; raises RateLimited when `subject` tried `what` too often. Its name is not kept."""
    rates: RateWindows = visit.request.app.state.rates
    name = hashlib.sha256(subject.strip().lower().encode()).hexdigest()
    allowance = await rates.hit(f"{what}:{name}", limit, minutes=minutes)
    if not allowance.allowed:
        raise RateLimited(retry_after=allowance.reset)
