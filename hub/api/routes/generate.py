"""Ordering speech."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from connectors.values import SpeechOrder
from hub.api.call import Call
from hub.api.defaults import with_defaults
from hub.api.fields import Fields
from hub.api.idempotency import idempotency_key, stored_response
from hub.api.intake import fields_of, room_for
from hub.api.orders import Door, fingerprint_of, long_order_from, order_from
from hub.api.schemas.generate import Accepted
from hub.hub import Hub
from hub.jobs import Once, accept
from hub.links import link_expiry, sign_stream_link
from hub.store.idempotency import StoredAnswer
from hub.store.tables import Generation
from hub.voices import NewVoice, find_voice, reference_of


async def generate_speech(call: Call) -> Response:
    """`POST /v1/tts/generate`: 202 and a place to ask, or a refusal that charged nothing."""
    return await ordered_speech(call, order_from, _answer_for(call))


async def generate_long_speech(call: Call) -> Response:
    """`POST /v1/tts/longform`: the same answer for a whole chapter."""
    return await ordered_speech(call, long_order_from, _answer_for(call))


async def ordered_speech(
    call: Call,
    read_order: Callable[[Fields, Door], Awaitable[SpeechOrder]],
    answer: Callable[[Generation, SpeechOrder], StoredAnswer],
) -> Response:
    """Take in the fields, accept the order, and answer once, whichever way it was asked."""
    key = idempotency_key(call.request)
    async with fields_of(call) as fields, room_for(call, fields):
        fields = await with_defaults(call.hub, call.account_id, fields)
        order = await read_order(fields, door_of(call))

        def told(generation: Generation) -> StoredAnswer:
            return answer(generation, order)

        once = None if key is None else Once(key, fingerprint_of("POST", call.request.url.path, order), told)
        accepted = await accept(
            call.hub, order, account_id=call.account_id, api_key_id=call.caller.key_id, once=once
        )
    if accepted.replay is not None:
        return stored_response(accepted.replay, replayed=True)
    assert accepted.generation is not None
    return stored_response(accepted.answer or told(accepted.generation), replayed=False)


def stream_url(call: Call, generation: Generation) -> str:
    return sign_stream_link(
        base_url=call.base_url,
        secrets=call.hub.secrets,
        generation_id=generation.id,
        expires_at=link_expiry(call.hub.now(), call.hub.settings.link_lifetime),
    )


def door_of(call: Call) -> Door:
    """The API's door for this caller."""
    return account_door(call.hub, call.account_id)


def account_door(hub: Hub, account_id: str, *, source: str = "api") -> Door:
    """A door for what an account orders itself: its saved voices, and its private callbacks."""

    async def saved_voice(voice_id: str) -> NewVoice:
        async with hub.database.reading() as session:
            voice = await find_voice(session, account_id, voice_id)
        reference = await reference_of(hub, voice)
        return NewVoice(voice.name, voice.description, voice.seed, reference, voice.reference_text)

    return Door(saved_voice, source, allow_private_callbacks=hub.settings.allow_private_callbacks)


def _answer_for(call: Call) -> Callable[[Generation, SpeechOrder], StoredAnswer]:
    def answer(generation: Generation, order: SpeechOrder) -> StoredAnswer:
        status_url = f"{call.base_url}/v1/tts/status/{generation.id}"
        accepted = Accepted(
            id=generation.id,
            status="queued",
            credits_used=float(generation.price),
            mode=order.request.mode,
            status_url=status_url,
            stream_url=stream_url(call, generation),
            created_at=generation.created_at,
            warnings=list(order.warnings),
        )
        return StoredAnswer(202, {"Location": status_url}, accepted.model_dump(mode="json"))

    return answer
