"""How the queues stand, for whoever runs the hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.queue.protocol import Kind, Queue, QueueAway

KINDS: tuple[Kind, ...] = ("speak", "deliver")


@dataclass(frozen=True, slots=True)
class Standing:
    """`workers` are the names of the live ones, `depth` counts jobs waiting or running; both are None while
    the queue does not answer."""

    kind: Kind
    workers: Sequence[str] | None
    depth: int | None


async def standings(queue: Queue) -> list[Standing]:
    return [await _standing(queue, kind) for kind in KINDS]


async def _standing(queue: Queue, kind: Kind) -> Standing:
    try:
        return Standing(kind, await queue.worker_names(kind), await queue.depth(kind))
    except (QueueAway, OSError):
        return Standing(kind, None, None)
