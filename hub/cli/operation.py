"""`sayhook queue` and `sayhook workers`: how a running hub stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.cli.output import Json, print_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.queue.standing import Standing


def queue(as_json: Json = False) -> None:
    """Show both queues: live workers, and jobs waiting or running."""
    rows = [
        {"queue": one.kind, "workers": len(one.workers or ()), "waiting_or_running": one.depth}
        for one in _standings()
    ]
    print_rows(rows, as_json=as_json, empty="")


def workers(as_json: Json = False) -> None:
    """List the live workers: machine, process and a mark of its own."""
    rows = [{"queue": one.kind, "worker": name} for one in _standings() for name in one.workers or ()]
    print_rows(rows, as_json=as_json, empty="No worker is alive; start one: sayhook worker --queue speak")


def _standings() -> Sequence[Standing]:
    """Raises QueueAway when the queue does not answer."""
    from hub.cli.opened import with_hub
    from hub.hub import Hub
    from hub.queue.standing import standings

    async def work(hub: Hub) -> Sequence[Standing]:
        await hub.queue.ping()
        return await standings(hub.queue)

    return with_hub(work)
