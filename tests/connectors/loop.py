"""A hub in a few lines: takes a platform's deliveries as the contract says, and puts the audio back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from connectors.connector import Connector
from connectors.credentials import headers_for
from connectors.echo import already_spoken
from connectors.errors import TargetGone
from connectors.flow import MOST_SETTING_UP, Flow, Request, Response, drive
from connectors.reception import decide, events_of, read_event
from connectors.values import (
    Batch,
    Connection,
    Ended,
    Found,
    Hook,
    Ignored,
    InboundEvent,
    SpeechOrder,
    SpeechResult,
    Verdict,
)
from webhooks.errors import NotVerified

SECRET = "5eed" * 12


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Loop:
    """`spoken` are the orders that became jobs; `ignored` the reasons why the other deliveries did not."""

    connector: Connector
    platform: httpx.AsyncClient
    credentials: Mapping[str, str]
    connection: Connection
    spoken: list[SpeechOrder] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    ended: list[Ended] = field(default_factory=list)
    secret: str = SECRET
    now: Callable[[], datetime] = utc_now

    @property
    def hook(self) -> Hook:
        return Hook(f"https://hub.example{self.connector.hook_path(self.connection.id)}", self.secret)

    async def connect(self) -> None:
        assert self.connector.connect is not None
        state: Mapping[str, Any] = await self.set_up(self.connector.connect(self.connection, self.hook))
        self.connection = replace(self.connection, state=state)

    async def disconnect(self) -> None:
        assert self.connector.disconnect is not None
        await self.set_up(self.connector.disconnect(self.connection))

    async def receive(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert urlsplit(url).path == self.connector.hook_path(self.connection.id)
        self.answers.append(await self._answer(headers, body))
        return self.answers[-1]

    async def _answer(self, headers: Mapping[str, str], body: bytes) -> int:
        if self.connector.greet and (greeting := self.connector.greet(headers, body)):
            return greeting.status
        now = self.now()
        try:
            verified = self.connector.verifier([self.secret]).verify(headers, body, now)
        except NotVerified as refused:
            return refused.status
        if verified.delivery_id not in self.seen:
            self.seen.add(verified.delivery_id)
            event = read_event(
                self.connector, verified, headers, connection_id=self.connection.id, received_at=now
            )
            for part in events_of(self.connector, event):
                await self._read(part)
        return 200

    async def _read(self, event: InboundEvent) -> None:
        if self.connector.fetch is not None:
            try:
                fresh = await self.run(self.connector.fetch(event, self.connection))
            except TargetGone as gone:
                self.ignored.append(str(gone))
                return
            event = replace(event, payload=fresh)
        self._take(decide(self.connector, event, self.connection))

    async def sweep(self, since: datetime | None = None) -> int:
        """As the hub does now and then: registered afresh, then everything that changed since; how many."""
        assert self.connector.backfill is not None
        await self.connect()
        after, taken = None, 0
        while True:
            batch: Batch = await self.set_up(self.connector.backfill(self.connection, after))
            for found in batch.found:
                if since is None or found.changed_at is None or found.changed_at > since:
                    self._take(decide(self.connector, self._event(found), self.connection))
                    taken += 1
            if batch.after is None:
                return taken
            after = batch.after

    def _event(self, found: Found) -> InboundEvent:
        name, connection = self.connector.name, self.connection.id
        return InboundEvent(name, connection, found.name, found.delivery_id, {}, found.payload, self.now())

    def _take(self, verdict: Verdict) -> None:
        if isinstance(verdict, SpeechOrder):
            assert verdict.target is not None
            last = self.hashes.get(verdict.target.key)
            verdict = already_spoken(verdict, last) or verdict
        if isinstance(verdict, Ignored):
            self.ignored.append(verdict.reason)
            return
        if isinstance(verdict, Ended):
            self.ended.append(verdict)
            return
        assert verdict.target is not None
        self.hashes[verdict.target.key] = verdict.spoken_hash or ""
        self.spoken.append(verdict)

    async def push(self, order: SpeechOrder) -> None:
        assert order.target is not None
        url = f"https://hub.example/a/{order.target.key.replace(':', '-')}.mp3"
        result = SpeechResult("g1", url, order.spoken_hash or "", 3.0, "audio/mpeg", "en")
        await self.run(self.connector.push(self.connection, order.target, result))

    async def run(self, flow: Flow[Any]) -> Any:
        return await drive(flow, self._send)

    async def set_up(self, flow: Flow[Any]) -> Any:
        return await drive(flow, self._send, most=MOST_SETTING_UP)

    async def _send(self, request: Request) -> Response:
        origins = self.connector.origins(self.connection)
        headers = headers_for(request, self.connector.manifest.auth, self.credentials, origins)
        answer = await self.platform.request(
            request.method, request.url, headers=headers, content=request.body
        )
        return Response(answer.status_code, dict(answer.headers), answer.content)
