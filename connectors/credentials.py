"""Attaching credentials to a request on its way out, and to no other host than the one they are for."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import urlsplit

from connectors.errors import ConnectionBroken, PushRefused
from connectors.flow import Request
from connectors.manifest import Auth, KeyAuth, NoAuth, Signature


def credential_headers(auth: Auth, credentials: Mapping[str, str]) -> dict[str, str]:
    """The headers that show who we are. Raises ConnectionBroken when a credential is not there.

    A key's credentials are named by the manifest's fields; tokens of the OAuth kinds are `access_token`.
    """
    if isinstance(auth, NoAuth | Signature):
        return {}
    if not isinstance(auth, KeyAuth):
        token = _held(credentials, "access_token")
        return {auth.header: f"{auth.word} {token}".strip()}
    values = [_held(credentials, field.name) for field in auth.fields]
    match auth.place:
        case "basic":
            return {"Authorization": "Basic " + b64encode(":".join(values).encode()).decode()}
        case "bearer":
            return {"Authorization": f"Bearer {values[0]}"}
        case "header":
            return {header: _held(credentials, name) for header, name in auth.headers.items()}


def headers_for(
    request: Request, auth: Auth, credentials: Mapping[str, str], origins: frozenset[str]
) -> dict[str, str]:
    """All headers of `request`. Raises PushRefused when credentials would go to a foreign origin.

    `origins` are those the credentials are for: the connection's address, the platform's API.
    """
    headers = {"accept": "application/json", **request.headers}
    if request.json is not None:
        headers.setdefault("content-type", "application/json")
    if not request.authenticated:
        return headers
    if origin_of(request.url) not in origins - {""}:
        raise PushRefused("The request goes to another host than the one the credentials are for.")
    return headers | credential_headers(auth, credentials)


def origin_of(url: str) -> str:
    """Scheme, host and port, written one way: `https://shop.example`; empty when it cannot be read."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    standard = {"https": 443, "http": 80}.get(parts.scheme)
    shown = "" if port in (None, standard) else f":{port}"
    return f"{parts.scheme}://{parts.hostname or ''}{shown}"


def _held(credentials: Mapping[str, str], name: str) -> str:
    value = credentials.get(name, "")
    if not value or not value.isascii() or not value.isprintable():
        raise ConnectionBroken(f"The credential {name} is missing or damaged. Connect again.")
    return value
