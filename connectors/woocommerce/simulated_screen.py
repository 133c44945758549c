"""WooCommerce's page that lets a program have keys (`/wc-auth/v1`), as its own sources behave.

The merchant says yes; the shop's server posts the keys to the program, and deletes them again unless the
answer is exactly 200; then the browser is sent back.
"""

from __future__ import annotations

import html
import json
import secrets
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.simulation import Post

WANTED: Final = ("app_name", "user_id", "return_url", "callback_url", "scope")
SCOPES: Final = ("read", "write", "read_write")
UNSENT: Final = "An error occurred in the request and at the time were unable to send the consumer data"
_ROOT: Final = "/wc-auth/v1"


class Screen:
    """`keys` are those the shop lets in; a new one is added to it. `post` is looked up when it is used."""

    def __init__(self, home: str, keys: dict[str, str], post: Callable[[], Post]) -> None:
        self._secure = home.startswith("https://")
        self._keys, self._post, self._nonces = keys, post, set[str]()
        self.routes = [
            Route(f"{_ROOT}/authorize", self._authorize),
            Route(f"{_ROOT}/access_granted/", self._grant),
        ]

    async def _authorize(self, request: Request) -> Response:
        given = dict(request.query_params)
        if mistake := self._mistake(given):
            return _denied(mistake)
        nonce = secrets.token_hex(5)
        self._nonces.add(nonce)
        yes = f"{_ROOT}/access_granted/?{urlencode({**given, 'wc_auth_nonce': nonce})}"
        no = _back(given, "0")
        name = html.escape(given["app_name"])
        return HTMLResponse(
            f"<h1>{name} would like to connect to your store</h1><p>This will give “{name}” "
            f'<strong>{given["scope"]}</strong> access.</p><a href="{html.escape(yes)}">Approve</a> '
            f'<a href="{html.escape(no)}">Deny</a>'
        )

    async def _grant(self, request: Request) -> Response:
        given = dict(request.query_params)
        if given.pop("wc_auth_nonce", None) not in self._nonces:
            return _denied("Invalid nonce verification")
        if mistake := self._mistake(given):
            return _denied(mistake)
        key, secret = f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}"
        self._keys[key] = secret
        body = {
            "key_id": len(self._keys),
            "user_id": given["user_id"],
            "consumer_key": key,
            "consumer_secret": secret,
            "key_permissions": given["scope"],
        }
        headers = {"Content-Type": "application/json;charset=UTF-8"}
        status = await self._post()(given["callback_url"], headers, json.dumps(body).encode())
        if status != 200:
            del self._keys[key]
            return _denied(UNSENT)
        return RedirectResponse(_back(given, "1"), 302)

    def _mistake(self, given: dict[str, str]) -> str | None:
        for name in WANTED:
            if not given.get(name):
                return f"Missing parameter {name}"
        if given["scope"] not in SCOPES:
            return f"Invalid scope {given['scope']}"
        for name in ("return_url", "callback_url"):
            if not urlsplit(given[name]).hostname:
                return f"The {name} is not a valid URL"
        if self._secure and not given["callback_url"].startswith("https://"):
            return "The callback_url needs to be over SSL"
        return None


def _back(given: dict[str, str], success: str) -> str:
    joined = "&" if "?" in given["return_url"] else "?"
    return f"{given['return_url']}{joined}{urlencode({'success': success, 'user_id': given['user_id']})}"


def _denied(message: str) -> Response:
    return HTMLResponse(f"<h1>Access denied</h1><p>Error: {html.escape(message)}.</p>", 401)
