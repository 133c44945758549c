"""What an account has set for requests that do not say it: a voice, a format."""

from __future__ import annotations

from dataclasses import replace

from hub.api.fields import Fields
from hub.hub import Hub
from hub.store.tables import Account
from hub.voices import default_voice

_VOICES = ("voice_id", "voice_description", "voice_ref")


async def with_defaults(hub: Hub, account_id: str, fields: Fields) -> Fields:
    """The fields, and the account's own voice and format where none was sent; a deleted voice is none."""
    return await _filled(hub, account_id, fields, _VOICES, "format")


async def with_speech_defaults(hub: Hub, account_id: str, fields: Fields) -> Fields:
    """The same under the names that OpenAI's interface has for them."""
    return await _filled(hub, account_id, fields, ("voice",), "response_format")


async def _filled(hub: Hub, account_id: str, fields: Fields, voices: tuple[str, ...], format: str) -> Fields:
    """`voices` are the ways to name a voice; the first of them is given the default's id."""
    missing: dict[str, str] = {}
    asked = {*fields.files, *(name for name, value in fields.values.items() if value not in (None, ""))}
    async with hub.database.reading() as session:
        account = await session.get_one(Account, account_id)
        if account.default_format and format not in asked:
            missing[format] = account.default_format
        if account.default_voice_id and asked.isdisjoint(voices):
            voice = await default_voice(session, account_id)
            missing.update({voices[0]: voice.id} if voice is not None else {})
    return replace(fields, values={**fields.values, **missing}) if missing else fields
