"""Asking our own web process whether the whole hub is ready."""

from __future__ import annotations

import http.client


def is_ready(host: str, port: int, *, timeout: float = 2.0) -> bool:
    """Whether `GET /readyz` answers 200: database, queue and a live worker."""
    return status_of(host, port, "/readyz", timeout=timeout) == 200


def status_of(host: str, port: int, path: str, *, timeout: float = 2.0) -> int | None:
    """The status of a GET, or None when nothing answers HTTP there."""
    connection = http.client.HTTPConnection(host.strip("[]"), port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
