"""Requests to a platform: credentials put on, sent over the guarded client, its answer handed back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import httpx
from cryptography.fernet import InvalidToken

from connectors.connector import Connector
from connectors.credentials import headers_for
from connectors.errors import ConnectionBroken, PushRefused, TryAgain
from connectors.flow import MOST_REQUESTS, Flow, Request, Response, drive
from connectors.manifest import NoAuth, Signature
from connectors.values import Connection
from hub.connections import tokens
from hub.connections.records import connection_of, hook_secrets, open_credentials
from hub.connections.stand_ins import stand_in
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord
from webhooks import signing
from webhooks.exchange import Answer, Bounds, exchange
from webhooks.schedule import parse_retry_after
from webhooks.values import Fault

USER_AGENT: Final = "Sayhook-Connector/1.0"
FLOW_SECONDS: Final = 90.0
"""What one flow may take altogether."""

PATIENCE: Final = 600.0
"""How long a patient flow waits, altogether, for a platform that asks it to slow down."""

_TOO_MANY: Final = 429
_BOUNDS: Final = Bounds(seconds=20.0, kept_bytes=32 * 1024 * 1024)
"""A page of a hundred long articles is that large, and one that is cut is no JSON and never read."""


_sleep = asyncio.sleep

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Platform:
    """Runs a connection's flows. `client` is one of `webhooks.guard.open_client`."""

    hub: Hub
    client: httpx.AsyncClient

    async def run(
        self,
        connector: Connector,
        record: ConnectionRecord,
        start: Callable[[Connection], Flow[T]],
        *,
        most: int = MOST_REQUESTS,
        patient: bool = False,
    ) -> T:
        """Raises what the flow raises. Tokens are renewed before they run out, and once when refused.

        A `patient` flow is one that begins again from its first request, as setting up does: where the
        platform has had enough of us for now, it waits and goes on instead of never coming to its end.
        """
        patience = PATIENCE if patient else 0.0
        connection = connection_of(record)
        record = await tokens.fresh(self.hub, self.client, connector, record)
        try:
            return await self._drive(connector, connection, record, start(connection), most, patience)
        except ConnectionBroken:
            renewed = await tokens.renewed(self.hub, self.client, connector, record)
            if renewed is None:
                raise
        return await self._drive(connector, connection, renewed, start(connection), most, patience)

    async def ask(self, flow: Flow[T]) -> T:
        """Runs a flow that belongs to no connection yet: nothing of ours goes out with its requests."""

        async def send(request: Request) -> Response:
            if request.authenticated:
                raise PushRefused("There are no credentials yet.")
            headers = headers_for(request, NoAuth(kind="none"), {}, frozenset())
            return await call(self.client, request, headers, stand_in(self.hub.settings, request.url))

        return await drive(flow, send)

    async def _drive(
        self,
        connector: Connector,
        connection: Connection,
        record: ConnectionRecord,
        flow: Flow[T],
        most: int,
        patience: float,
    ) -> T:
        send = self._sender(connector, connection, record)
        if patience:
            send = self._patiently(send, patience)
        try:
            async with asyncio.timeout(FLOW_SECONDS + patience):
                return await drive(flow, send, most=most)
        except TimeoutError as error:
            late = f"The platform took longer than {FLOW_SECONDS:g} s altogether."
            raise TryAgain(late, strains=True) from error

    def _sender(
        self, connector: Connector, connection: Connection, record: ConnectionRecord
    ) -> Callable[[Request], Awaitable[Response]]:
        auth, origins = connector.manifest.auth, connector.origins(connection)
        credentials = _credentials(self.hub, record)

        async def send(request: Request) -> Response:
            await asyncio.sleep(request.after_seconds)
            headers = headers_for(request, auth, credentials, origins)
            if isinstance(auth, Signature) and request.authenticated:
                secrets = hook_secrets(self.hub, connector, record)
                now = int(self.hub.now().timestamp())
                headers |= signing.sign(secrets, request.headers[signing.ID_HEADER], now, request.body)
            return await call(self.client, request, headers, stand_in(self.hub.settings, request.url))

        return send

    def _patiently(
        self, send: Callable[[Request], Awaitable[Response]], patience: float
    ) -> Callable[[Request], Awaitable[Response]]:
        left = patience

        async def send_again(request: Request) -> Response:
            nonlocal left
            while True:
                response = await send(request)
                if response.status != _TOO_MANY:
                    return response
                wanted = parse_retry_after(response.headers.get("retry-after"), self.hub.now())
                if wanted is None or wanted > left:
                    return response
                left -= max(wanted, 1.0)
                await _sleep(max(wanted, 1.0))

        return send_again


async def call(client: httpx.AsyncClient, request: Request, headers: dict[str, str], url: str) -> Response:
    """One request, sent to `url`. Raises PushRefused for a forbidden address, TryAgain without an answer."""
    sent = {"user-agent": USER_AGENT, "accept-encoding": "identity", **headers}
    answer = await exchange(client, request.method, url, headers=sent, body=request.body, bounds=_BOUNDS)
    if answer.status is None:
        raise _unanswered(answer)
    return Response(
        answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.body
    )


def _unanswered(answer: Answer) -> PushRefused | TryAgain:
    sentence = answer.error or "The platform did not answer."
    return PushRefused(sentence) if answer.fault is Fault.REFUSED else TryAgain(sentence, strains=True)


def _credentials(hub: Hub, record: ConnectionRecord) -> dict[str, str]:
    try:
        return open_credentials(hub.secrets, record)
    except InvalidToken as error:
        raise ConnectionBroken(
            "The credentials cannot be read: their key is no longer in SAYHOOK_SECRET_KEY. Connect again."
        ) from error
