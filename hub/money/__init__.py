"""Credits: prices and the append-only ledger."""

from hub.money.ledger import grant, hold, release, settle
from hub.money.prices import price_of

__all__ = ["grant", "hold", "price_of", "release", "settle"]
