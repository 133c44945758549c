"""A hub that apps can connect to, and an app that knows the protocol by heart."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from sqlalchemy import func, select
from starlette.applications import Starlette

from hub.accounts import create_account
from hub.hub import Hub
from hub.oauth import NewClient, create_client
from hub.oauth.authorization import Redirect, authorization_request
from hub.store.oauth_tables import OauthGrant
from tests.hub.conftest import Clock

ISSUER = "http://localhost"
CALLBACK = "https://zapier.com/dashboard/auth/oauth/return/App1CLIAPI/"


@dataclass(frozen=True)
class Provider:
    """The hub, its HTTP face, and an account whose owner says yes."""

    hub: Hub
    app: Starlette
    http: httpx.AsyncClient
    clock: Clock
    account_id: str

    async def new_app(self, **given: Any) -> App:
        registered: dict[str, Any] = {"name": "Zapier", "redirect_uris": [CALLBACK], **given}
        async with self.hub.database.transaction() as session:
            made = await create_client(session, now=self.hub.now(), **registered)
        return App(self, made)

    async def another_account(self) -> str:
        async with self.hub.database.transaction() as session:
            email = f"{secrets.token_hex(6)}@example.com"
            made = await create_account(
                session, email=email, plan="paid", now=self.hub.now(), secrets=self.hub.secrets
            )
        return made.id


@dataclass(frozen=True)
class App:
    """A client that sends its secret in the body, as no-code platforms do."""

    provider: Provider
    made: NewClient

    @property
    def id(self) -> str:
        return self.made.id

    @property
    def credentials(self) -> dict[str, str]:
        secret = {} if self.made.secret is None else {"client_secret": self.made.secret}
        return {"client_id": self.id, **secret}

    async def answered(self, *, allow: bool = True, **parameters: str | None) -> dict[str, str]:
        """What the app is sent back with after its owner's answer."""
        asked = {"response_type": "code", "client_id": self.id, "redirect_uri": CALLBACK, **parameters}
        query = [(name, value) for name, value in asked.items() if value is not None]
        request = authorization_request(self.provider.hub, ISSUER, query)
        answer = await request.answered(self.provider.account_id, allow=allow)
        assert isinstance(answer, Redirect)
        return dict(parse_qsl(urlsplit(answer.location).query))

    async def code(self, **parameters: str | None) -> str:
        return (await self.answered(allow=True, **parameters))["code"]

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.provider.http.post(f"/oauth/{path}", data={**self.credentials, **fields})

    async def exchange(self, code: str, **fields: str) -> httpx.Response:
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **fields}
        return await self.post("token", **given)

    async def refresh(self, token: str, **fields: str) -> httpx.Response:
        return await self.post("token", grant_type="refresh_token", refresh_token=token, **fields)

    async def connected(self, **parameters: str | None) -> dict[str, Any]:
        """The tokens of a new connection."""
        answer = await self.exchange(await self.code(**parameters))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def call(self, access_token: str, path: str = "/v1/account") -> httpx.Response:
        return await self.provider.http.get(path, headers={"Authorization": f"Bearer {access_token}"})

    async def works(self, access_token: str) -> bool:
        status = (await self.call(access_token)).status_code
        assert status in (200, 401)
        return status == 200

    async def live_connections(self) -> int:
        async with self.provider.hub.database.reading() as session:
            live = select(func.count()).where(OauthGrant.client_id == self.id, OauthGrant.ended_at.is_(None))
            return await session.scalar(live) or 0


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def all_of(count: int, ask: Any) -> list[httpx.Response]:
    return list(await asyncio.gather(*(ask() for _ in range(count))))
