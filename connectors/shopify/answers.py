"""Asking the Admin API and reading its answers, where a 200 does not yet mean success.

Sources: shopify.dev, "GraphQL Admin API", "API limits" and "Response and error codes".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from connectors.contract import (
    Connection,
    ConnectionBroken,
    Flow,
    PushRefused,
    Request,
    Response,
    TryAgain,
    accepted,
)
from connectors.shopify.documents import API_VERSION

_BROKEN = {
    401: "Shopify no longer takes the token. Connect again.",
    402: "The shop is frozen until its bill is paid.",
    403: "Shopify does not let the app in. Connect again.",
    404: "There is no such shop any more.",
    423: "The shop is locked.",
}
_COST = ("extensions", "cost")
_ACCESS_DENIED = "The app may not do this in the shop. Connect again and allow it to change products."


def ask(
    connection: Connection, document: str, variables: Mapping[str, Any], doing: str
) -> Flow[Mapping[str, Any]]:
    """The `data` of the answer. Raises the PushFailed the answer stands for; `doing` is as in `accepted`."""
    url = f"{connection.address}/admin/api/{API_VERSION}/graphql.json"
    response = yield Request("POST", url, json={"query": document.strip(), "variables": dict(variables)})
    return _data(response, doing)


def user_errors(payload: Any) -> list[Mapping[str, Any]]:
    """What a mutation would not do, and why."""
    return objects_at(payload, "userErrors")


def done(payload: Any, doing: str) -> None:
    """Raises PushRefused when a mutation's payload holds an error."""
    if errors := user_errors(payload):
        raise PushRefused(f"Shopify did not let us {doing}: {str(errors[0].get('message'))[:200]}")


def at(value: Any, *path: str) -> Any:
    """What stands under the names of `path`, or None where one of them is not there."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def objects_at(value: Any, *path: str) -> list[Mapping[str, Any]]:
    """The objects of the list that stands there."""
    found = at(value, *path)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _data(response: Response, doing: str) -> Mapping[str, Any]:
    if sentence := _BROKEN.get(response.status):
        raise ConnectionBroken(sentence)
    found = accepted(response, doing).json
    if not isinstance(found, dict):
        raise TryAgain("Shopify's answer could not be read.")
    if errors := found.get("errors"):
        _explain(errors, found, doing)
    data = found.get("data")
    if not isinstance(data, dict):
        raise TryAgain("Shopify's answer holds no data.")
    return data


def _explain(errors: Any, answer: Mapping[str, Any], doing: str) -> None:
    first = errors[0] if isinstance(errors, list) else None
    code = at(first, "extensions", "code")
    match code:
        case "THROTTLED":
            raise TryAgain("Shopify asks us to slow down.", str(seconds_to_wait(answer)))
        case "ACCESS_DENIED":
            raise ConnectionBroken(_ACCESS_DENIED)
        case "SHOP_INACTIVE":
            raise ConnectionBroken("The shop is not active.")
        case "INTERNAL_SERVER_ERROR" | "TIMEOUT":
            raise TryAgain("Shopify had a fault of its own.")
    shown = code if isinstance(code, str) else "without a code"
    raise PushRefused(f"Shopify did not let us {doing}: it answered with an error, {shown[:60]}.")


def seconds_to_wait(answer: Mapping[str, Any]) -> int:
    """Until the bucket holds what the question costs, at least a second (shopify.dev, "API limits")."""
    asked = _number(at(answer, *_COST, "requestedQueryCost"))
    left = _number(at(answer, *_COST, "throttleStatus", "currentlyAvailable"))
    rate = _number(at(answer, *_COST, "throttleStatus", "restoreRate"))
    return max(1, math.ceil((asked - left) / rate)) if rate > 0 else 1


def _number(found: Any) -> float:
    number = float(found) if isinstance(found, int | float) and not isinstance(found, bool) else 0.0
    return number if math.isfinite(number) else 0.0
