"""What a generation costs, in credits."""

from types import MappingProxyType

from engine.values import Mode

PRICES = MappingProxyType({Mode.DESIGN: 50, Mode.CLONE: 100})


def price_of(mode: Mode) -> int:
    return PRICES[mode]


def order_price(mode: Mode, parts: int) -> int:
    """Of a long text every part costs as much as one request; a short one has no parts (0)."""
    return price_of(mode) * max(1, parts)
