"""Two kinds of connection: the web process's, which gives up at once, and the worker's, which waits."""

from __future__ import annotations

import json
from typing import Any

from arq.connections import ArqRedis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, TimeoutError

WEB_TIMEOUT = 0.5
"""Seconds for connecting, and for each answer, in a process that has a caller waiting."""

WORKER_TIMEOUT = 5.0


def web_client(url: str) -> ArqRedis:
    """One immediate second try, for a connection the server closed while it lay idle."""
    return _client(url, timeout=WEB_TIMEOUT, retry=Retry(NoBackoff(), 1))


def worker_client(url: str) -> ArqRedis:
    """Rides out about 35 s of a server that restarts or reads its file back."""
    return _client(url, timeout=WORKER_TIMEOUT, retry=Retry(ExponentialBackoff(cap=2, base=0.1), 20))


def dumps(envelope: dict[str, Any]) -> bytes:
    """ARQ's envelope as JSON. `default` serves the exceptions ARQ puts into its own failure records."""
    return json.dumps(envelope, default=repr, separators=(",", ":")).encode()


def loads(data: bytes) -> dict[str, Any]:
    envelope: dict[str, Any] = json.loads(data)
    return envelope


def _client(url: str, *, timeout: float, retry: Retry) -> ArqRedis:
    client: ArqRedis = ArqRedis.from_url(
        url,
        socket_connect_timeout=timeout,
        socket_timeout=timeout,
        retry=retry,
        retry_on_error=[ConnectionError, TimeoutError, BusyLoadingError],
    )
    client.job_serializer = dumps
    client.job_deserializer = loads
    return client
