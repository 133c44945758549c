"""Believes `X-Forwarded-*` from the owner's proxies, and from nobody else."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

Network = IPv4Network | IPv6Network

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


class Forwarded:
    """Takes scheme, host and client address from the headers of a trusted peer.

    `trusted` lists addresses and networks, comma separated; empty trusts nobody, `*` everybody.
    """

    def __init__(self, app: ASGIApp, *, trusted: str) -> None:
        self._app = app
        self._anyone = trusted.strip() == "*"
        self._networks = [] if self._anyone else _networks(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("client") and self._trusts(scope["client"][0]):
            self._apply(scope)
        await self._app(scope, receive, send)

    def _trusts(self, address: str) -> bool:
        if self._anyone:
            return True
        try:
            known = ip_address(address.strip())
        except ValueError:
            return False
        return any(known.version == network.version and known in network for network in self._networks)

    def _apply(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if (scheme := _last(headers, "x-forwarded-proto").lower()) in ("http", "https"):
            scope["scheme"] = scheme
        if _HOST.fullmatch(host := _last(headers, "x-forwarded-host")):
            scope["headers"] = list(scope["headers"])
            MutableHeaders(scope=scope)["host"] = host
        if client := self._client(headers):
            scope["client"] = (client, 0)

    def _client(self, headers: Headers) -> str:
        """The nearest address that is not one of ours: what stands before it, anyone may have written."""
        chain = [
            part.strip() for part in ",".join(headers.getlist("x-forwarded-for")).split(",") if part.strip()
        ]
        for address in reversed(chain):
            if not self._trusts(address):
                return address[:64]
        return chain[0][:64] if chain else ""


def _last(headers: Headers, name: str) -> str:
    """The value the nearest proxy wrote."""
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def _networks(trusted: str) -> list[Network]:
    return [ip_network(part.strip(), strict=False) for part in trusted.split(",") if part.strip()]
