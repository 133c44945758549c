"""What an account has set for requests that do not say it: a voice, a format."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from hub.api.fields import Fields
from hub.errors import NotFound
from hub.hub import Hub
from hub.store.tables import Account
from hub.voices import find_voice

_VOICES = ("voice_id", "voice_description", "voice_ref")


async def with_defaults(hub: Hub, account_id: str, fields: Fields) -> Fields:
    """The fields, and the account's own voice and format where none was sent; a deleted voice is none."""
    missing: dict[str, str] = {}
    asked = {*fields.files, *(name for name, value in fields.values.items() if value not in (None, ""))}
    async with hub.database.reading() as session:
        account = await session.get_one(Account, account_id)
        if account.default_format and "format" not in asked:
            missing["format"] = account.default_format
        if account.default_voice_id and asked.isdisjoint(_VOICES) and await _is_kept(session, account):
            missing["voice_id"] = account.default_voice_id
    return replace(fields, values={**fields.values, **missing}) if missing else fields


async def _is_kept(session: AsyncSession, account: Account) -> bool:
    try:
        await find_voice(session, account.id, account.default_voice_id or "")
    except NotFound:
        return False
    return True
