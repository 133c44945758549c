"""Figures for Prometheus.

What the whole hub shares (queue, workers, generations) is read when it is asked for, so every web process
gives the same answer. The counters of requests belong to one process; with several of them, set
PROMETHEUS_MULTIPROC_DIR and they are added up over all.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from starlette.responses import Response

from hub.api.authentication import presented_key
from hub.api.call import Call
from hub.errors import Unauthenticated
from hub.hub import Hub
from hub.jobs import Status
from hub.queue import Kind
from hub.store.tables import Generation

_KINDS: tuple[Kind, ...] = ("speak", "deliver")


async def metrics(call: Call) -> Response:
    """`GET /metrics`; raises Unauthenticated without the token, where the settings name one."""
    _check_token(call)
    shared = CollectorRegistry()
    shared.register(_Gauges(await _state(call.hub)))
    body = generate_latest(_http_registry(call)) + generate_latest(shared)
    return Response(body, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _check_token(call: Call) -> None:
    wanted = call.hub.settings.metrics_token.get_secret_value()
    if not wanted:
        return
    given = presented_key(call.request) or ""
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        detail = "The figures need the token that SAYHOOK_METRICS_TOKEN holds, as Authorization: Bearer …"
        raise Unauthenticated(detail, presented=bool(given))


@dataclass(frozen=True, slots=True)
class _State:
    depth: Mapping[Kind, int]
    workers: Mapping[Kind, int]
    generations: Mapping[str, int]


class _Gauges(Collector):
    def __init__(self, state: _State) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state = self._state
        yield _gauge("sayhook_queue_depth", "Jobs waiting or running.", "queue", state.depth)
        yield _gauge("sayhook_live_workers", "Workers that gave a sign of life.", "queue", state.workers)
        yield _gauge("sayhook_generations", "Generations by state.", "status", state.generations)


def _gauge(name: str, text: str, label: str, values: Mapping[Kind, int] | Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family


async def _state(hub: Hub) -> _State:
    try:
        depth = {kind: await hub.queue.depth(kind) for kind in _KINDS}
        workers = {kind: await hub.queue.live_workers(kind) for kind in _KINDS}
    except OSError:
        depth, workers = {}, {}  # no figure is better than a wrong one
    async with hub.database.reading() as session:
        counted = await session.execute(select(Generation.status, func.count()).group_by(Generation.status))
        found = {str(status): int(count) for status, count in counted.all()}
    return _State(depth, workers, {status: found.get(status, 0) for status in Status})


def _http_registry(call: Call) -> CollectorRegistry:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        own: CollectorRegistry = call.request.app.state.registry
        return own
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # the library has no annotations here
    return together
