"""How owners edit: in any order, a few things at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

PRODUCTS, EDITS = 20, 5

Thing = TypeVar("Thing")


def at_random(chance: Random, things: Sequence[Thing]) -> Iterator[list[Thing]]:
    """Each of them EDITS times; none twice in one batch, so that every text is there to be read."""
    left = dict.fromkeys(range(len(things)), EDITS)
    while left:
        batch = chance.sample(sorted(left), min(len(left), chance.randint(1, 12)))
        for number in batch:
            left[number] -= 1
            if not left[number]:
                del left[number]
        yield [things[number] for number in batch]
