"""What each plan allows, and what one account may: its own figures win over its plan's."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from hub.store.tables import Account


@dataclass(frozen=True, slots=True)
class Limits:
    """`requests_per_minute` at the API; `concurrent` generations being spoken at one time."""

    requests_per_minute: int
    concurrent: int


PLANS = MappingProxyType({"trial": Limits(60, 2), "paid": Limits(600, 8)})

OPENING_CREDITS = 500


def limits_of(account: Account) -> Limits:
    plan = PLANS[account.plan]
    return Limits(
        account.requests_per_minute or plan.requests_per_minute,
        account.concurrent or plan.concurrent,
    )
