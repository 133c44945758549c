"""Looking at generations, stopping them, and erasing them."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from hub.api.call import Call
from hub.api.idempotency import answered_once
from hub.api.ids import uuid_in
from hub.api.orders import fingerprint_of
from hub.api.schemas.status import GenerationFilter
from hub.api.validation import validated
from hub.errors import NotFound
from hub.jobs import cancel, erase, find, newest
from hub.jobs.view import status_document
from hub.store.idempotency import StoredAnswer
from hub.store.tables import Generation


async def get_status(call: Call) -> Response:
    """`GET /v1/tts/status/{id}`"""
    async with call.hub.database.reading() as session:
        generation = await find(session, call.account_id, generation_id(call))
    return JSONResponse(_document(call, generation), headers={"Cache-Control": "no-store"})


async def list_generations(call: Call) -> Response:
    """`GET /v1/tts/generations`"""
    wanted = validated(GenerationFilter, _given(call))
    async with call.hub.database.reading() as session:
        page = await newest(
            session,
            call.account_id,
            limit=wanted.limit,
            cursor=wanted.cursor,
            status=wanted.status,
            mode=wanted.mode,
            source=wanted.source,
            text=wanted.text,
        )
    rows = [_document(call, generation) for generation in page.rows]
    answer = {"data": rows, "next_cursor": page.next_cursor}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def delete_generation(call: Call) -> Response:
    """`DELETE /v1/tts/generations/{id}`"""
    await erase(call.hub, call.account_id, generation_id(call))
    return Response(status_code=204)


async def cancel_generation(call: Call) -> Response:
    """`POST /v1/tts/generations/{id}/cancel`: twice is fine."""

    async def cancelled() -> StoredAnswer:
        generation = await cancel(call.hub, call.account_id, generation_id(call))
        return StoredAnswer(200, {"Cache-Control": "no-store"}, _document(call, generation))

    return await answered_once(call, fingerprint_of("POST", call.request.url.path), cancelled)


def generation_id(call: Call) -> str:
    return uuid_in(call, NotFound("Generation not found", code="generation_not_found"))


def _document(call: Call, generation: Generation) -> dict[str, object]:
    return status_document(
        generation,
        base_url=call.base_url,
        secrets=call.hub.secrets,
        now=call.hub.now(),
        link_lifetime=call.hub.settings.link_lifetime,
    )


def _given(call: Call) -> dict[str, str]:
    return {name: value for name, value in call.request.query_params.items() if value}
