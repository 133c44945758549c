"""Asking our own web process whether the whole hub is ready."""

from __future__ import annotations

import http.client
import json

NOTHING_ANSWERS = ("web process",)


def missing_parts(host: str, port: int, *, timeout: float = 5.0) -> tuple[str, ...]:
    """What `GET /readyz` says is not there yet; empty when the hub is ready."""
    status, body = _get(host, port, "/readyz", timeout)
    if status == 200:
        return ()
    try:
        return tuple(str(part) for part in json.loads(body)["missing"]) or NOTHING_ANSWERS
    except (ValueError, KeyError, TypeError):
        return NOTHING_ANSWERS


def status_of(host: str, port: int, path: str, *, timeout: float = 5.0) -> int | None:
    """The status of a GET, or None when nothing answers HTTP there."""
    return _get(host, port, path, timeout)[0]


def _get(host: str, port: int, path: str, timeout: float) -> tuple[int | None, bytes]:
    connection = http.client.HTTPConnection(host.strip("[]"), port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return None, b""
    finally:
        connection.close()
