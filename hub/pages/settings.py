"""Settings of an account: what is kept and for how long, defaults, password, sessions, and the end of it."""

from __future__ import annotations

from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from engine.values import AudioFormat
from hub.accounts import passwords, sessions
from hub.accounts.closing import close_account, erase_closed
from hub.accounts.passwords import SHORTEST
from hub.accounts.sign_in import WrongPassword
from hub.errors import HubError, NotFound, Unprocessable
from hub.pages.page import Visit, page
from hub.pages.rate import refuse_when_often
from hub.pages.signing_in import signed_out
from hub.store.tables import Account
from hub.voices import find_voice, list_voices

RETENTION = MappingProxyType(
    {"": "until I delete it", "1": "1 day", "7": "7 days", "30": "30 days", "90": "90 days", "365": "1 year"}
)
NO_RETENTION = "0"
_CLOSING_TRIES = 10


@page("/settings")
async def show(visit: Visit) -> Response:
    return await _shown(visit)


@page("/settings/retention", method="POST")
async def set_retention(visit: Visit) -> Response:
    days = visit.field("days")
    if days not in {*RETENTION, NO_RETENTION}:
        return await _shown(
            visit, Unprocessable("days", f"must be one of {', '.join(filter(None, RETENTION))}.")
        )
    async with visit.hub.database.transaction() as session:
        account = await session.get_one(Account, visit.owner.id)
        account.zero_retention = days == NO_RETENTION
        account.retention_days = int(days) if days not in ("", NO_RETENTION) else None
    return await visit.redirect("/settings", notice="From now on that is how long texts and audio are kept.")


@page("/settings/defaults", method="POST")
async def set_defaults(visit: Visit) -> Response:
    voice_id, audio_format = visit.field("voice"), visit.field("format")
    try:
        async with visit.hub.database.transaction() as session:
            account = await session.get_one(Account, visit.owner.id)
            account.default_voice_id = await _own_voice(session, visit.owner.id, voice_id)
            account.default_format = _format(audio_format)
    except Unprocessable as error:
        return await _shown(visit, error)
    return await visit.redirect("/settings", notice="The defaults are set.")


@page("/settings/close", method="POST")
async def close(visit: Visit) -> Response:
    """For good: asks for the address to be typed, and for the password where there is one."""
    owner = visit.owner
    await refuse_when_often(visit, "close", owner.id, limit=_CLOSING_TRIES, minutes=60)
    if visit.field("email").lower() != owner.email:
        return await _shown(visit, Unprocessable("email", "does not match; nothing was deleted."))
    password = str(visit.form.get("password", ""))
    if owner.password_hash and not await passwords.matches(password, owner.password_hash):
        return await _shown(visit, WrongPassword("That is not your password; nothing was deleted."))
    await close_account(visit.hub, owner.id)
    await erase_closed(visit.hub, owner.id)
    return await signed_out(visit, "/goodbye")


@page("/goodbye", sign_in=False)
async def goodbye(visit: Visit) -> Response:
    return visit.render("goodbye.html")


async def _shown(visit: Visit, error: HubError | None = None) -> Response:
    async with visit.hub.database.reading() as session:
        account = await session.get_one(Account, visit.owner.id)
        voices = await list_voices(session, account.id)
        live = await sessions.list_sessions(session, account.id, visit.hub.now())
    return visit.render(
        "settings.html",
        status=error.status if error else 200,
        error=error.detail if error else "",
        account=account,
        days=NO_RETENTION if account.zero_retention else str(account.retention_days or ""),
        retention=RETENTION,
        voices=voices,
        formats=[each.value for each in AudioFormat],
        live=live,
        shortest=SHORTEST,
        link_minutes=visit.hub.settings.link_lifetime // 60,
    )


async def _own_voice(session: AsyncSession, account_id: str, voice_id: str) -> str | None:
    if not voice_id:
        return None
    try:
        return (await find_voice(session, account_id, voice_id)).id
    except NotFound as error:
        raise Unprocessable("voice", "must be one of your saved voices.") from error


def _format(given: str) -> str | None:
    if given and given not in list(AudioFormat):
        raise Unprocessable("format", f"must be one of {', '.join(AudioFormat)}.")
    return given or None
