"""Keys: make, rotate, revoke. A key itself is shown once, on the page after the form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from starlette.responses import Response

from hub.accounts import SCOPES, create_key, list_keys, revoke_key, rotate_key
from hub.errors import Unprocessable
from hub.pages.page import Visit, page

LIFETIMES = MappingProxyType({"": "never", "30": "in 30 days", "90": "in 90 days", "365": "in a year"})


@dataclass(frozen=True, slots=True)
class _Given:
    """The form as it was filled in."""

    name: str = ""
    scopes: Sequence[str] = field(default_factory=lambda: tuple(SCOPES))
    expires: str = ""
    per_day: str = ""
    per_month: str = ""


@page("/keys")
async def show(visit: Visit) -> Response:
    return await _shown(visit)


@page("/keys", method="POST")
async def create(visit: Visit) -> Response:
    given = _Given(
        visit.field("name"),
        [value for value in visit.form.getlist("scope") if isinstance(value, str)],
        visit.field("expires"),
        visit.field("credits_per_day"),
        visit.field("credits_per_month"),
    )
    now = visit.hub.now()
    try:
        async with visit.hub.database.transaction() as session:
            key = await create_key(
                session,
                account_id=visit.owner.id,
                name=given.name,
                scopes=given.scopes,
                expires_at=now + _lifetime(given.expires) if given.expires else None,
                credits_per_day=_cap("credits_per_day", given.per_day),
                credits_per_month=_cap("credits_per_month", given.per_month),
                now=now,
            )
    except Unprocessable as error:
        return await _shown(visit, given, error)
    return await visit.redirect("/keys", secret=key.secret)


@page("/keys/{id}/rotate", method="POST")
async def rotate(visit: Visit) -> Response:
    async with visit.hub.database.transaction() as session:
        key = await rotate_key(
            session, visit.request.path_params["id"], account_id=visit.owner.id, now=visit.hub.now()
        )
    return await visit.redirect("/keys", secret=key.secret)


@page("/keys/{id}/revoke", method="POST")
async def revoke(visit: Visit) -> Response:
    async with visit.hub.database.transaction() as session:
        key = await revoke_key(
            session, visit.request.path_params["id"], account_id=visit.owner.id, now=visit.hub.now()
        )
    return await visit.redirect("/keys", notice=f"The key {key.prefix}… is revoked.")


async def _shown(visit: Visit, given: _Given | None = None, error: Unprocessable | None = None) -> Response:
    async with visit.hub.database.reading() as session:
        keys = await list_keys(session, visit.owner.id)
    return visit.render(
        "keys.html",
        status=error.status if error else 200,
        keys=sorted(keys, key=lambda key: (key.revoked_at is not None, -key.created_at.timestamp())),
        scopes=SCOPES,
        lifetimes=LIFETIMES,
        given=given or _Given(),
        error=error.detail if error else "",
    )


def _lifetime(days: str) -> timedelta:
    if days not in LIFETIMES:
        raise Unprocessable("expires", f"must be one of {', '.join(name for name in LIFETIMES if name)}.")
    return timedelta(days=int(days))


def _cap(name: str, given: str) -> int | None:
    if not given:
        return None
    digits = given.replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 12):
        raise Unprocessable(name, "must be a whole number of credits, or empty for no cap.")
    return int(digits)
