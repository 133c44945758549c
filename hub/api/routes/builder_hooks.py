"""Hooks that Zaps and scenarios subscribe."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from starlette.responses import JSONResponse, Response

from hub import rotation
from hub.api.call import Call
from hub.api.fields import read_fields
from hub.api.idempotency import REPLAYED, answered_once, named_once
from hub.api.ids import uuid_in
from hub.api.orders import fingerprint_of
from hub.api.schemas.voiceovers import Hook, HookFields, HookWithSecret
from hub.api.validation import validated
from hub.errors import NotFound
from hub.store.hook_tables import HookSubscription
from hub.store.idempotency import StoredAnswer
from hub.subscriptions import hooks, messages
from hub.subscriptions.hooks import NewHook
from hub.subscriptions.messages import Last

_PRIVATE = {"Cache-Control": "no-store"}


async def subscribe_hook(call: Call) -> Response:
    """`POST /v1/hooks`: the same target again changes what it is told."""
    async with read_fields(call.request) as fields:
        form = validated(HookFields, {name: value for name, value in fields.values.items() if value != ""})
    asked = NewHook(
        form.target_url, form.events or (), form.mode, form.voice_id, form.connection_id, form.goodbye
    )

    async def subscribed() -> str:
        return (await hooks.subscribe(call.hub, call.account_id, asked, app=call.caller.app)).id

    fingerprint = fingerprint_of("POST", call.request.url.path, asked)
    made_id, headers = await named_once(call, fingerprint, subscribed, location=f"{call.base_url}/v1/hooks")
    async with call.hub.database.reading() as session:
        hook = await hooks.find_hook(session, call.account_id, made_id)
    (secret, *_) = rotation.live(call.hub.secrets, hook.secrets, call.hub.now())
    shown = HookWithSecret(**_values(hook, None), secret=secret)
    return JSONResponse(shown.model_dump(mode="json"), 201, headers={**headers, **_PRIVATE})


async def list_hooks(call: Call) -> Response:
    """`GET /v1/hooks`"""
    async with call.hub.database.reading() as session:
        rows = await hooks.list_hooks(session, call.account_id, app=call.caller.app)
        last = await messages.last_messages(session, [row.id for row in rows])
    shown = [_shown(row, last.get(row.id)) for row in rows]
    return JSONResponse({"data": shown}, headers=_PRIVATE)


async def get_hook(call: Call) -> Response:
    """`GET /v1/hooks/{id}`"""
    async with call.hub.database.reading() as session:
        row = await hooks.find_hook(session, call.account_id, _id(call), app=call.caller.app)
        last = await messages.last_messages(session, [row.id])
    return JSONResponse(_shown(row, last.get(row.id)), headers=_PRIVATE)


async def unsubscribe_hook(call: Call) -> Response:
    """`DELETE /v1/hooks/{id}`: 204 also when it is gone already, or never was."""
    with suppress(NotFound):
        await hooks.unsubscribe(call.hub, call.account_id, _id(call), app=call.caller.app)
    return Response(status_code=204)


async def try_hook(call: Call) -> Response:
    """`POST /v1/hooks/{id}/test`"""

    async def sent() -> StoredAnswer:
        await messages.send_test(call.hub, call.account_id, _id(call), app=call.caller.app)
        return StoredAnswer(202, {}, {})

    kept = await answered_once(call, fingerprint_of("POST", call.request.url.path), sent)
    replayed = {REPLAYED: "true"} if REPLAYED in kept.headers else {}
    return Response(status_code=202, headers=replayed)


def _id(call: Call) -> str:
    return uuid_in(call, NotFound("Hook not found", code="hook_not_found"))


def _shown(hook: HookSubscription, last: Last | None) -> dict[str, Any]:
    return Hook(**_values(hook, last)).model_dump(mode="json")


def _values(hook: HookSubscription, last: Last | None) -> dict[str, Any]:
    kept = ("id", "target_url", "events", "mode", "voice_id", "connection_id", "goodbye", "created_at")
    return {
        **{name: getattr(hook, name) for name in kept},
        "failing_since": hook.failing_since,
        "last_delivery_at": None if last is None else last.at,
        "last_status": None if last is None else last.status,
    }
