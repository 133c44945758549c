"""A delivery at the door: whose it is, whether its sender is known, and only then onto the disk.

Nothing of the payload is looked at here beyond what says whose it is: what it means is decided after the
platform has its answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from connectors.connector import Connector
from connectors.errors import EventUnreadable
from connectors.flow import Response
from connectors.reception import connection_named, named_by
from hub.connections.answering import answer
from hub.connections.catalogue import read_anyway
from hub.connections.inbox import Arrival, ConnectionGone, Inbox
from hub.connections.records import app_of, app_secrets, hook_secrets
from hub.connections.refusing import Refusals, Refused
from hub.errors import NotFound
from hub.hub import Hub
from hub.store.connection_tables import ConnectionRecord
from webhooks.errors import NotVerified, SecretMalformed
from webhooks.headers import first
from webhooks.inbound import Verified
from webhooks.inbound.secret_url import HEADER as SECRET_HEADER

KNOWN_SECONDS: Final = 5.0
"""How long a connection and its secrets are remembered; a signature that does not fit is checked afresh."""

_MOST_KNOWN: Final = 10_000
_UNKEPT: Final = frozenset(
    {
        SECRET_HEADER,
        "authorization",
        "cookie",
        "proxy-authorization",
        "x-api-key",
        "connection",
        "host",
        "content-length",
    }
)
_KEPT_HEADERS: Final = 60
_KEPT_LENGTH: Final = 1000

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Known:
    connection_id: str
    secrets: tuple[str, ...]
    until: float


class Reception:
    """Takes deliveries in for one web process. `clock` is any number of seconds that only grows."""

    def __init__(self, hub: Hub, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._hub = hub
        self._inbox = Inbox(hub)
        self._refusals = Refusals(hub)
        self._clock = clock
        self._known: dict[tuple[str, str], _Known] = {}
        self._named: dict[tuple[str, str], tuple[str, float]] = {}

    async def receive(
        self, connector: Connector, connection_id: str, headers: Headers, body: bytes
    ) -> Response:
        """To a connection's own hook. Raises NotFound; NotVerified or SecretMalformed, which are counted."""
        known = await self._find(connector, connection_id)
        if known is None:
            raise _unknown()
        if greeting := _greeted(connector, headers, body):
            return greeting
        try:
            verified = await self._verified(connector, known, headers, body)
        except (NotVerified, SecretMalformed) as refused:
            self._refusals.count(Refused(known.connection_id, refused.code, str(refused), self._hub.now()))
            raise
        await self._keep(self._arrival(connector, known.connection_id, verified, headers))
        return Response(200)

    async def receive_shared(self, connector: Connector, headers: Headers, body: bytes) -> Response:
        """To the hook that all connections of a platform share. Raises NotVerified.

        A verified delivery for a connection we do not have (any more) is answered with 200 and not kept:
        the platform would send it again and again, and finally switch the whole app's hook off.
        """
        if greeting := _greeted(connector, headers, body):
            return greeting
        secrets = app_secrets(app_of(self._hub.settings, connector))
        try:
            verified = connector.verifier(secrets).verify(headers, body, self._hub.now())
        except (NotVerified, SecretMalformed) as refused:
            await self.refuse(connector, None, headers, refused.code, str(refused))
            raise
        try:
            external_id = connection_named(connector, verified, headers)
        except EventUnreadable:
            external_id = None
        connection_id = await self._external(connector, external_id)
        if connection_id is not None and not await self._kept(connector, connection_id, verified, headers):
            # Connected anew since it was remembered, or not at all any more.
            again = await self._external(connector, external_id, remembered=False)
            if again is not None:
                await self._kept(connector, again, verified, headers)
        return Response(200)

    async def answer(self, connector: Connector, asked: str, headers: Headers, body: bytes) -> Response:
        """To what a platform asks and waits for. Raises as `answering.answer` does."""
        return await answer(self._hub, self._inbox, connector, asked, headers, body)

    async def refuse(
        self, connector: Connector, connection_id: str | None, headers: Headers, code: str, sentence: str
    ) -> None:
        """Count what was refused before it was read whole, or at a shared hook, for the owner to see.

        At a shared hook it is only claimed whose it is; what is counted there may be a stranger's doing.
        """
        if connection_id is not None:
            known = await self._find(connector, connection_id)
            found = None if known is None else known.connection_id
        else:
            found = await self._external(connector, _claimed(connector, headers))
        if found is not None:
            self._refusals.count(Refused(found, code, sentence, self._hub.now()))

    async def close(self) -> None:
        """What is not on disk yet goes there."""
        await self._refusals.close()

    async def _kept(
        self, connector: Connector, connection_id: str, verified: Verified, headers: Headers
    ) -> bool:
        try:
            await self._keep(self._arrival(connector, connection_id, verified, headers))
        except NotFound:
            return False
        return True

    async def _keep(self, arrival: Arrival) -> None:
        try:
            await self._inbox.keep(arrival)
        except ConnectionGone as error:
            raise _unknown() from error

    def _arrival(
        self, connector: Connector, connection_id: str, verified: Verified, headers: Headers
    ) -> Arrival:
        kept = kept_headers(connector, headers)
        name = _read_anyway(connector, verified, headers)
        return Arrival(connection_id, verified.delivery_id, verified.payload, kept, self._hub.now(), name)

    async def _verified(self, connector: Connector, known: _Known, headers: Headers, body: bytes) -> Verified:
        now = self._hub.now()
        try:
            return connector.verifier(known.secrets).verify(headers, body, now)
        except NotVerified:
            # The secret may have been replaced since it was remembered.
            fresh = await self._find(connector, known.connection_id, remembered=False)
            if fresh is None:
                raise _unknown() from None
            if fresh.secrets == known.secrets:
                raise
            return connector.verifier(fresh.secrets).verify(headers, body, now)

    async def _find(
        self, connector: Connector, connection_id: str, *, remembered: bool = True
    ) -> _Known | None:
        key = (connector.name, connection_id)
        known = self._known.get(key)
        if remembered and known is not None and self._clock() < known.until:
            return known
        self._known.pop(key, None)
        if len(connection_id) != 36:
            return None
        async with self._hub.database.reading() as session:
            record = await session.get(ConnectionRecord, connection_id)
        if record is None or record.connector != connector.name:
            return None
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        secrets = hook_secrets(self._hub, connector, record)
        self._known[key] = _Known(record.id, secrets, self._clock() + KNOWN_SECONDS)
        return self._known[key]

    async def _external(
        self, connector: Connector, external_id: str | None, *, remembered: bool = True
    ) -> str | None:
        """Only what is there is remembered: what is connected in a moment must not be missed."""
        if not external_id:
            return None
        key = (connector.name, external_id[:255])
        known, until = self._named.get(key, ("", 0.0))
        if remembered and known and self._clock() < until:
            return known
        self._named.pop(key, None)
        chosen = select(ConnectionRecord.id).where(
            ConnectionRecord.connector == connector.name, ConnectionRecord.external_id == key[1]
        )
        async with self._hub.database.reading() as session:
            found: str | None = await session.scalar(chosen)
        if found is not None:
            if len(self._named) >= _MOST_KNOWN:
                self._named.clear()
            self._named[key] = (found, self._clock() + KNOWN_SECONDS)
        return found


def kept_headers(connector: Connector, headers: Headers) -> dict[str, str]:
    """Names in lower case, without what carries a secret or a signature."""
    verification = connector.manifest.verification
    options: Mapping[str, object] = {} if verification is None else verification.options
    secret = set(_lower_names(options.get("header")) + _lower_names(options.get("signature_header")))
    kept = {
        name.lower(): value[:_KEPT_LENGTH]
        for name, value in headers
        if name.lower() not in _UNKEPT | secret and "signature" not in name.lower()
    }
    return dict(list(kept.items())[:_KEPT_HEADERS])


def _lower_names(given: object) -> list[str]:
    names = given if isinstance(given, list | tuple) else [given] if given else []
    return [str(name).lower() for name in names]


def _read_anyway(connector: Connector, verified: Verified, headers: Headers) -> str | None:
    """The event's name if it is one of those; a payload is looked into for it only where one may end us."""
    events = connector.manifest.events
    if events is None or events.name_from is None or not (events.ending or events.name_from.header):
        return None
    try:
        name = named_by(events.name_from, verified, headers)
    except EventUnreadable:
        return None
    return name if name in read_anyway(connector) else None


def _claimed(connector: Connector, headers: Headers) -> str | None:
    """Whose an unverified delivery says it is, where a header says so."""
    verification = connector.manifest.verification
    source = None if verification is None else verification.connection_from
    if source is None or source.header is None:
        return None
    try:
        return first(headers, source.header)
    except NotVerified:
        return None


def _greeted(connector: Connector, headers: Headers, body: bytes) -> Response | None:
    return connector.greet(dict(headers), body) if connector.greet else None


def _unknown() -> NotFound:
    return NotFound("There is no such connection.", code="connection_not_found")
