"""Apps that may ask people for access: an admin registers and edits them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.accounts.scopes import SCOPES
from hub.errors import Conflict, NotFound, Unprocessable
from hub.oauth import redirect_uris
from hub.oauth.credentials import CLIENT_SECRET_START, digest, new_client_id, new_secret
from hub.store.oauth_tables import OauthClient

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class NewClient:
    """`secret` exists here and nowhere else; a public client has none."""

    id: str
    secret: str | None


async def create_client(
    session: AsyncSession,
    *,
    name: str,
    redirect_uris: Iterable[str],
    now: datetime,
    public: bool = False,
    scopes: Iterable[str] = tuple(SCOPES),
) -> NewClient:
    """Register an app. `scopes` are the most it may ask for. Raises Unprocessable with what to mend."""
    secret = None if public else new_secret(CLIENT_SECRET_START)
    client = OauthClient(
        id=new_client_id(),
        name=_checked_name(name),
        secret_digest=None if secret is None else digest(secret),
        redirect_uris=_checked_uris(redirect_uris),
        scopes=_checked_scopes(scopes),
        created_at=now,
    )
    session.add(client)
    await session.flush()
    return NewClient(client.id, secret)


async def find_client(session: AsyncSession, client_id: str) -> OauthClient:
    client = await session.get(OauthClient, client_id)
    if client is None:
        raise NotFound(f"There is no OAuth client {client_id}; `sayhook oauth-clients list` shows them.")
    return client


async def list_clients(session: AsyncSession) -> Sequence[OauthClient]:
    return (await session.scalars(select(OauthClient).order_by(OauthClient.created_at, OauthClient.id))).all()


async def edit_client(
    session: AsyncSession,
    client_id: str,
    *,
    name: str | None = None,
    add_redirect_uris: Iterable[str] = (),
    remove_redirect_uris: Iterable[str] = (),
    scopes: Iterable[str] | None = None,
) -> OauthClient:
    """Change what is given. Fewer scopes hold for what is connected already from its next refresh on."""
    client = await find_client(session, client_id)
    removed = [uri.strip() for uri in remove_redirect_uris]
    if missing := [uri for uri in removed if uri not in client.redirect_uris]:
        raise NotFound(f"{missing[0]} is not a redirect URI of {client.name}.")
    kept = [uri for uri in client.redirect_uris if uri not in removed]
    client.redirect_uris = _checked_uris([*kept, *add_redirect_uris])
    if name is not None:
        client.name = _checked_name(name)
    if scopes is not None:
        client.scopes = _checked_scopes(scopes)
    return client


async def rotate_secret(
    session: AsyncSession, client_id: str, *, now: datetime, overlap: timedelta
) -> NewClient:
    """Give the app a new secret; the one before works on for `overlap`, any older one no more."""
    client = await find_client(session, client_id)
    if client.secret_digest is None:
        raise Conflict(f"{client.name} is a public client: it has no secret.")
    secret = new_secret(CLIENT_SECRET_START)
    client.old_secret_digest = client.secret_digest if overlap else None
    client.old_secret_until = now + overlap if overlap else None
    client.secret_digest = digest(secret)
    return NewClient(client.id, secret)


async def delete_client(session: AsyncSession, client_id: str) -> OauthClient:
    """Forget an app; every connection people made to it dies with it."""
    client = await find_client(session, client_id)
    await session.delete(client)
    await session.flush()
    return client


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())
    if not shown or len(shown) > _LONGEST_NAME or not shown.isprintable():
        raise Unprocessable(
            "name", f"must be 1 to {_LONGEST_NAME} printable characters; people are shown it."
        )
    return shown


def _checked_uris(uris: Iterable[str]) -> list[str]:
    return redirect_uris.checked(uris)


def _checked_scopes(scopes: Iterable[str]) -> list[str]:
    wanted = set(scopes)
    if not wanted or not wanted <= set(SCOPES):
        raise Unprocessable("scopes", f"must be some of {', '.join(SCOPES)}.")
    return [scope for scope in SCOPES if scope in wanted]
