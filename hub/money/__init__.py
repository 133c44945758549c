"""Credits: prices and the append-only ledger."""

from hub.money.ledger import grant, hold, release, settle
from hub.money.prices import order_price, price_of

__all__ = ["grant", "hold", "order_price", "price_of", "release", "settle"]
