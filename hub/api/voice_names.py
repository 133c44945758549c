"""The voice a name means: one the account has saved, a stock voice, one of OpenAI's, or a description."""

from __future__ import annotations

from types import MappingProxyType
from uuid import UUID

from engine.voices.stock import stock_voices
from hub.api.call import Call
from hub.errors import NotFound, Unprocessable
from hub.voices import NewVoice, find_voice, list_voices, reference_of

PRESETS = MappingProxyType(
    {
        "alloy": "af_alloy",
        "ash": "am_adam",
        "ballad": "bm_george",
        "cedar": "am_fenrir",
        "coral": "af_bella",
        "echo": "am_echo",
        "fable": "bm_fable",
        "marin": "af_heart",
        "nova": "af_nova",
        "onyx": "am_onyx",
        "sage": "af_sarah",
        "shimmer": "af_sky",
        "verse": "am_michael",
    }
)
"""OpenAI's names and the stock voices that come near in character; they are not the same voices."""

_MOST = 1000


async def voice_named(call: Call, given: object) -> NewVoice:
    """Raises Unprocessable when nothing, or nothing of this account, is meant."""
    name = given.get("id") if isinstance(given, dict) else given
    if not isinstance(name, str) or not name.strip() or len(name) > _MOST:
        raise Unprocessable(
            "voice", f"must be the name of a voice, or a description of 1 to {_MOST} characters."
        )
    name = name.strip()
    if _is_id(name):
        return await _by_id(call, name)
    async with call.hub.database.reading() as session:
        saved = await list_voices(session, call.account_id)
    for voice in saved:
        if voice.name.casefold() == name.casefold():
            return await _by_id(call, voice.id)
    if isinstance(given, dict):
        raise _unknown()
    stock = PRESETS.get(name.casefold(), name.casefold())
    return NewVoice(name, stock if stock in stock_voices() else name)


def _is_id(name: str) -> bool:
    try:
        return len(name) == 36 and bool(UUID(name))
    except ValueError:
        return False


async def _by_id(call: Call, voice_id: str) -> NewVoice:
    try:
        async with call.hub.database.reading() as session:
            voice = await find_voice(session, call.account_id, str(UUID(voice_id)))
    except NotFound as error:
        raise _unknown() from error
    reference = await reference_of(call.hub, voice)
    return NewVoice(voice.name, voice.description, voice.seed, reference, voice.reference_text)


def _unknown() -> Unprocessable:
    return Unprocessable("voice", "must be the id or the name of a voice saved in this account.")
