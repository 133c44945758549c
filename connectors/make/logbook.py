"""Make's log of requests, without what the app says is secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import httpx

from connectors.make.iml import UNDEFINED
from connectors.make.iml.values import jsonable
from connectors.make.outgoing import Outgoing

HIDDEN: Final = "*****"


def entry(sent: Outgoing, answer: httpx.Response, body: Any, sanitize: Sequence[str]) -> dict[str, Any]:
    """A line of the log; empty when the app hides nothing, for then Make shows nothing."""
    if not sanitize:
        return {}
    shown = {
        "request": {
            "method": sent.method,
            "url": sent.url,
            "headers": dict(sent.headers),
            "qs": dict(sent.query),
            "body": _shown(sent.body),
        },
        "response": {
            "status": answer.status_code,
            "headers": dict(answer.headers),
            "body": _shown(body),
        },
    }
    for path in sanitize:
        _hide(shown, path.split("."))
    return shown


def _shown(body: Any) -> Any:
    """A copy, so that hiding a member in the log does not take it from the module."""
    return None if body is UNDEFINED else jsonable(body)


def _hide(value: Any, path: Sequence[str]) -> None:
    if not isinstance(value, dict) or path[0] not in value:
        return
    if len(path) == 1:
        value[path[0]] = HIDDEN
    else:
        _hide(value[path[0]], path[1:])
