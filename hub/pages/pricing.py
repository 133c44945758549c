"""What things cost."""

from __future__ import annotations

from urllib.parse import quote

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
        buy_at=_buy_at(visit),
    )


def _buy_at(visit: Visit) -> str:
    """Where this visitor buys credits; empty when signed out, or when nothing is sold here."""
    if visit.account is None or not visit.hub.settings.payment_url:
        return ""
    filled = {"{account_id}": visit.account.id, "{email}": visit.account.email}
    url = visit.hub.settings.payment_url
    for name, value in filled.items():
        url = url.replace(name, quote(value, safe=""))
    return url
