"""What things cost."""

from __future__ import annotations

from starlette.responses import Response

from engine.values import Mode
from hub.accounts import OPENING_CREDITS, PLANS
from hub.money.prices import PRICES
from hub.pages.page import Visit, page


@page("/pricing", sign_in=False)
async def pricing(visit: Visit) -> Response:
    return visit.render(
        "pricing.html",
        opening=OPENING_CREDITS,
        design=PRICES[Mode.DESIGN],
        clone=PRICES[Mode.CLONE],
        plans=PLANS,
    )
