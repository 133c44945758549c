"""Voiceovers: the same jobs as `/v1/tts`, in the one flat shape that scenario builders want."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import JSONResponse, Response

from connectors.values import SpeechOrder
from hub.api.call import Call
from hub.api.fields import Fields, read_fields
from hub.api.orders import Door, check_callback, fitting_order_from
from hub.api.routes.audio import hand_out
from hub.api.routes.generate import ordered_speech
from hub.api.routes.generations import generation_id
from hub.api.schemas.voiceovers import CallbackFields, VoiceoverFilter
from hub.api.validation import validated
from hub.errors import Conflict
from hub.jobs import find, newest
from hub.jobs.outbox import call_back
from hub.jobs.voiceover import PATH, Surroundings, load_voiceover, surroundings, voiceover_document
from hub.store.idempotency import StoredAnswer
from hub.store.tables import Account, Generation

_PRIVATE = {"Cache-Control": "no-store"}


async def create_voiceover(call: Call) -> Response:
    """`POST /v1/voiceovers`: `generate` or `longform`, whichever the text is for."""
    async with call.hub.database.reading() as session:
        account = await session.get_one(Account, call.account_id)
    credits = account.credits

    def answer(generation: Generation, order: SpeechOrder) -> StoredAnswer:
        left = Surroundings(credits - generation.price)
        document = voiceover_document(call.hub, generation, left, call.base_url)
        return StoredAnswer(202, {"Location": f"{call.base_url}{PATH}/{generation.id}"}, document)

    return await ordered_speech(call, _order, answer)


async def _order(fields: Fields, door: Door) -> SpeechOrder:
    return replace(await fitting_order_from(fields, door), flat_callback=True)


async def get_voiceover(call: Call) -> Response:
    """`GET /v1/voiceovers/{id}`"""
    async with call.hub.database.reading() as session:
        generation = await find(session, call.account_id, generation_id(call))
        document = await load_voiceover(session, call.hub, generation.id, call.base_url)
    return JSONResponse(document, headers=_PRIVATE)


async def list_voiceovers(call: Call) -> Response:
    """`GET /v1/voiceovers`"""
    given = {name: value for name, value in call.request.query_params.items() if value}
    wanted = validated(VoiceoverFilter, given)
    async with call.hub.database.reading() as session:
        page = await newest(session, call.account_id, **wanted.model_dump())
        around = await surroundings(session, call.account_id, [row.id for row in page.rows])
    rows = [voiceover_document(call.hub, row, around[row.id], call.base_url) for row in page.rows]
    return JSONResponse({"data": rows, "next_cursor": page.next_cursor}, headers=_PRIVATE)


async def get_voiceover_audio(call: Call) -> Response:
    """`GET /v1/voiceovers/{id}/audio`: by key or token, also when every signed link has died."""
    async with call.hub.database.reading() as session:
        generation = await find(session, call.account_id, generation_id(call))
    answer = await hand_out(call, generation.id, generation.format)
    name = f"voiceover-{generation.id}.{generation.format}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


async def call_voiceover_back(call: Call) -> Response:
    """`POST /v1/voiceovers/{id}/callback`: also for one that has ended before anyone could ask."""
    async with read_fields(call.request) as fields:
        url = validated(CallbackFields, fields.values).callback_url
    check_callback(url, allow_private=call.hub.settings.allow_private_callbacks)
    async with call.hub.database.transaction() as session:
        generation = await find(session, call.account_id, generation_id(call), for_update=True)
        if generation.callback_url not in (None, url):
            raise Conflict("This voiceover calls another address back already.", code="callback_taken")
        deliveries = await call_back(session, generation, url, call.hub.now())
        document = await load_voiceover(session, call.hub, generation.id, call.base_url)
    for delivery in deliveries:
        await call.hub.queue.enqueue_delivery(delivery, None)
    return JSONResponse(document, headers=_PRIVATE)
