"""Whose site it is: the browser that comes back from Wix's install page, and the installation's own word.

Anyone may learn an instance id, so what the address merely says is never believed. The signed string beside
it must be ours to verify (`<signature>.<data>`, HMAC-SHA-256 with the app's secret), or Wix itself must say
what it stands for (`token-info`). Either must speak of the site's owner or the app, not of a visitor; and the
site the browser comes from must be the one the installation's token shows.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from connectors.contract import (
    AppKeys,
    ArrivalRefused,
    Connection,
    ConnectionBroken,
    Flow,
    Hook,
    Installed,
    Request,
    instant,
)
from connectors.wix.api import API, answered, get, object_of, part

WINDOW: Final = timedelta(minutes=20)
_CLOCKS_APART: Final = timedelta(minutes=2)
_OWNER: Final = "OWNER"
_TRUSTED: Final = frozenset({"APP", "USER"})
"""Not VISITOR and MEMBER: whoever opens the site's pages has such a token for every app on it."""

_INSTANCE: Final = re.compile(r"[0-9a-fA-F-]{36}")
_MOST_PARAMETERS: Final = 50
_REFUSED: Final = "Wix did not sign this way back. Start again from the connections."


def installed(query: str, app: AppKeys, now: datetime) -> Flow[Installed]:
    given = _parameters(query)
    instance, site = given.get("instanceId", ""), given.get("tenantId", "")
    signed = given.get("signedInstance") or given.get("instance") or ""
    if given.get("appId", app.client_id) != app.client_id or not _INSTANCE.fullmatch(instance):
        raise ArrivalRefused("The address does not say which app was installed. Start again.")
    if not site or not signed:
        raise ArrivalRefused("The address does not say which site the app was installed on. Start again.")
    said = verified_here(signed, app.client_secret)
    if said is None:
        said = yield from _verified_there(signed)
    same = said.get("app") == app.client_id and said.get("instance") == instance
    if not same or said.get("trusted") is not True or said.get("site", site) != site:
        raise ArrivalRefused(_REFUSED)
    at = instant(said.get("at"))
    if at is None or not -_CLOCKS_APART <= now - at <= WINDOW:
        raise ArrivalRefused("The way back from Wix is too old. Start again from the connections.")
    state = {"site_id": site, "installed_at": now.isoformat()}
    return Installed({"instance_id": instance}, instance, state)


def connect(connection: Connection, hook: Hook) -> Flow[Mapping[str, Any]]:
    """The webhooks are the app's own and are registered once, in Wix's dashboard: nothing is made here."""
    shown = answered((yield get("apps/v1/instance")), "look at the site")
    instance, site = part(shown, "instance"), part(shown, "site")
    found, expected = str(site.get("siteId", "")), connection.state.get("site_id", "")
    if not isinstance(instance.get("instanceId"), str):
        raise ConnectionBroken("Wix does not say which installation this is. Connect again.")
    if expected and expected != found:
        raise ConnectionBroken("The app was installed on another site than the one you came back from.")
    return {
        **connection.state,
        "external_id": instance["instanceId"],
        "site_id": found or expected,
        "site": str(site.get("siteDisplayName") or site.get("url") or ""),
    }


def disconnect(connection: Connection) -> Flow[None]:
    """The app stays on the site until its owner takes it off; Wix has no call for that."""
    yield from ()


def verified_here(signed: str, secret: str) -> Mapping[str, Any] | None:
    """What a string says that was signed with the app's secret; None when it is not one.

    Where it tells of permissions, who brings it must be the site's owner.
    """
    signature, _, data = signed.partition(".")
    if not secret or not signed.isascii():
        return None
    expected = hmac.digest(secret.encode(), data.encode(), hashlib.sha256)
    try:
        if not hmac.compare_digest(expected, _decoded(signature)):
            return None
        found = json.loads(_decoded(data))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return {
        "app": found.get("appDefId"),
        "instance": found.get("instanceId"),
        "trusted": found.get("permissions", _OWNER) == _OWNER,
        "at": found.get("signDate"),
    }


def _verified_there(signed: str) -> Flow[Mapping[str, Any]]:
    asked = Request("POST", f"{API}/oauth2/token-info", json={"token": signed[:4000]}, authenticated=False)
    answer = yield asked
    if answer.status in (400, 401, 403, 404):
        raise ArrivalRefused(_REFUSED)
    answered(answer, "ask whose installation it is")
    found = object_of(answer)
    if found.get("active") is not True:
        raise ArrivalRefused(_REFUSED)
    return {
        "app": found.get("clientId"),
        "instance": found.get("instanceId"),
        "site": found.get("siteId"),
        "trusted": found.get("subjectType") in _TRUSTED,
        "at": _written(found.get("iat")),
    }


def _written(issued: object) -> str | None:
    """Seconds since 1970, or a time as it is written."""
    if isinstance(issued, str) and not issued.isdecimal():
        return issued
    try:
        return datetime.fromtimestamp(int(str(issued)), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise ArrivalRefused("The address cannot be read.") from error
    if len(dict(pairs)) != len(pairs):
        raise ArrivalRefused("The address says the same thing twice.")
    return dict(pairs)


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
