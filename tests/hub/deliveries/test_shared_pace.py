"""Deliver workers that share what a host allows."""

from __future__ import annotations

from hub.deliveries.shared_pace import SharedPace
from hub.queue.protocol import Kind, QueueAway
from tests.hub.conftest import LostQueue
from webhooks.pacing import BUILDER_PACE, shared


class Counted(LostQueue):
    workers = 2
    away = False

    async def live_workers(self, kind: Kind) -> int:
        assert kind == "deliver"
        if self.away:
            raise QueueAway
        return self.workers


async def test_the_pace_is_divided_by_the_workers_that_are_alive() -> None:
    queue, at = Counted(), 0.0
    pace = SharedPace(queue, BUILDER_PACE, lambda: at)
    assert await pace.now() == shared(BUILDER_PACE, 2)
    queue.workers = 3
    assert await pace.now() == shared(BUILDER_PACE, 2), "looked up once a second"
    at = 1.0
    assert await pace.now() == shared(BUILDER_PACE, 3)
    at, queue.away = 2.0, True
    assert await pace.now() == shared(BUILDER_PACE, 3)


async def test_without_any_that_are_known_the_pace_is_whole() -> None:
    assert await SharedPace(LostQueue(), BUILDER_PACE, lambda: 0.0).now() == BUILDER_PACE
