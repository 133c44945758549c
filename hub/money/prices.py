"""What a generation costs, in credits."""

from types import MappingProxyType

from engine.values import Mode

PRICES = MappingProxyType({Mode.DESIGN: 50, Mode.CLONE: 100})


def price_of(mode: Mode) -> int:
    return PRICES[mode]
