"""What of an account belongs to one scenario builder: its app here, the account's consent, and its hooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from connectors.builders import Builder
from hub.oauth import Connection, list_connections
from hub.store.hook_tables import HookSubscription
from hub.store.oauth_tables import OauthClient
from hub.subscriptions.ended import EndedHook, ended_hooks
from hub.subscriptions.hooks import list_hooks
from hub.subscriptions.messages import Last, last_messages


@dataclass(frozen=True, slots=True)
class AtBuilder:
    """`is_registered`: the hub's owner has an app for it. `connections` are the account's consents, newest
    first. `hooks` are oldest first, and `last` has the newest message of each that was sent one. `ended` are
    those that ended on their own, newest first."""

    is_registered: bool
    connections: Sequence[Connection]
    hooks: Sequence[HookSubscription]
    last: Mapping[str, Last]
    ended: Sequence[EndedHook]


async def at_builder(session: AsyncSession, account_id: str, builder: Builder, now: datetime) -> AtBuilder:
    """A builder's apps are known by where they have people sent back, and its hooks also by their host."""
    clients = (await session.execute(select(OauthClient.id, OauthClient.redirect_uris))).all()
    patterns = builder.manifest.app.redirect_uris
    apps = {client for client, uris in clients if any(_is_one_of(uri, patterns) for uri in uris)}
    connections = await list_connections(session, account_id, now)
    hosts = builder.manifest.hooks.hosts

    def is_here(app: str | None, url: str) -> bool:
        return app in apps or _is_one_of(httpx.URL(url).host, hosts)

    hooks = [hook for hook in await list_hooks(session, account_id) if is_here(hook.app, hook.target_url)]
    return AtBuilder(
        bool(apps),
        [one for one in connections if one.client_id in apps],
        hooks,
        await last_messages(session, [hook.id for hook in hooks]),
        [one for one in await ended_hooks(session, account_id) if is_here(one.app, one.url)],
    )


def _is_one_of(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
