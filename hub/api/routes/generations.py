"""Looking at generations, stopping them, and erasing them."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import JSONResponse, Response

from hub.api.call import Call
from hub.api.idempotency import idempotency_key, stored_response
from hub.api.orders import fingerprint_of
from hub.api.schemas.status import GenerationFilter
from hub.api.validation import validated
from hub.errors import NotFound
from hub.jobs import cancel, erase, find, newest
from hub.jobs.view import status_document
from hub.store import idempotency
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
        )
    rows = [_document(call, generation) for generation in page.rows]
    answer = {"data": rows, "next_cursor": page.next_cursor}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def delete_generation(call: Call) -> Response:
    """`DELETE /v1/tts/generations/{id}`"""
    await erase(call.hub, call.account_id, generation_id(call))
    return Response(status_code=204)


async def cancel_generation(call: Call) -> Response:
    """`POST /v1/tts/generations/{id}/cancel`

    Cancelling twice changes nothing, so the answer may be remembered in a transaction of its own.
    """
    key = idempotency_key(call.request)
    fingerprint = fingerprint_of("POST", call.request.url.path)
    if key is not None:
        async with call.hub.database.transaction() as session:
            replay = await idempotency.find(session, call.account_id, key, fingerprint, call.hub.now())
        if replay is not None:
            return stored_response(replay, replayed=True)
    generation = await cancel(call.hub, call.account_id, generation_id(call))
    answer = StoredAnswer(200, {"Cache-Control": "no-store"}, _document(call, generation))
    if key is not None:
        await _remember(call, key, fingerprint, answer)
    return stored_response(answer, replayed=False)


async def _remember(call: Call, key: str, fingerprint: str, answer: StoredAnswer) -> None:
    async with call.hub.database.transaction() as session:
        now = call.hub.now()
        if await idempotency.find(session, call.account_id, key, fingerprint, now) is None:
            await idempotency.remember(session, call.account_id, key, fingerprint, answer, now)


def generation_id(call: Call) -> str:
    """The id in the path, in the form it is kept in; NotFound when it can be none."""
    given: str = call.request.path_params["id"]
    try:
        return str(UUID(given)) if len(given) == 36 else _refuse()
    except ValueError:
        return _refuse()


def _refuse() -> str:
    raise NotFound("Generation not found", code="generation_not_found")


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
