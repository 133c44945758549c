"""An account's connections to platforms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import JSONResponse, Response

from connectors.connector import Connector
from connectors.manifest import FormField
from hub.api.call import Call
from hub.api.fields import read_fields
from hub.api.idempotency import answered_once, named_once
from hub.api.ids import uuid_in
from hub.api.orders import fingerprint_of
from hub.api.schemas.connections import (
    Authorise,
    AuthoriseFields,
    ChoiceList,
    ChoiceShown,
    ConnectionChanges,
    ConnectionFields,
    ConnectionList,
    ConnectionShown,
    ConnectorField,
    ConnectorList,
    ConnectorOption,
    ConnectorShown,
    EventFilter,
    EventList,
    EventShown,
    PushShown,
    RefusalShown,
)
from hub.api.validation import validated
from hub.connections import connecting, events
from hub.connections.authorising import LIFETIME, begin
from hub.connections.catalogue import catalogue, connector_named
from hub.connections.choosing import offered
from hub.connections.events import Journey
from hub.connections.form import Filled, credential_fields, wants_hook_secret
from hub.connections.hooks import hook_url
from hub.connections.records import find_connection, hook_secrets, list_connections
from hub.connections.targets import lasting_url
from hub.errors import NotFound
from hub.store.connection_tables import ConnectionRecord, InboundEvent, Push
from hub.store.idempotency import StoredAnswer

_PRIVATE = {"Cache-Control": "no-store"}


async def list_connectors(call: Call) -> Response:
    """`GET /v1/connectors`"""
    known = catalogue(call.hub.settings).values()
    answer = ConnectorList(data=[_connector(connector) for connector in known])
    return JSONResponse(answer.model_dump(mode="json"), headers=_PRIVATE)


async def create_connection(call: Call) -> Response:
    """`POST /v1/connections`: 201 once the platform let us in."""
    async with read_fields(call.request) as fields:
        form = validated(ConnectionFields, fields.values)
    filled = Filled(form.name, form.address, form.credentials or {}, form.options, form.hook_secret)

    async def made() -> str:
        return (await connecting.connect(call.hub, call.account_id, form.connector, filled)).id

    fingerprint = fingerprint_of("POST", f"{call.request.url.path}/{form.connector}", filled)
    made_id, headers = await named_once(call, fingerprint, made, location=f"{call.base_url}/v1/connections")
    record = await _find(call, made_id)
    return JSONResponse(_shown(call, record, new=True), 201, headers={**headers, **_PRIVATE})


async def authorise_connection(call: Call) -> Response:
    """`POST /v1/connections/authorize`: where to send the owner's browser."""
    async with read_fields(call.request) as fields:
        form = validated(AuthoriseFields, fields.values)
    connector = connector_named(call.hub.settings, form.connector)
    expires_at = call.hub.now() + LIFETIME
    url = await begin(
        call.hub,
        call.account_id,
        connector,
        Filled(form.name, form.address, None, form.options),
        base_url=call.base_url,
        connection_id=form.connection_id,
    )
    answer = Authorise(authorize_url=url, expires_at=expires_at)
    return JSONResponse(answer.model_dump(mode="json"), 201, headers=_PRIVATE)


async def get_connections(call: Call) -> Response:
    """`GET /v1/connections`"""
    async with call.hub.database.reading() as session:
        rows = await list_connections(session, call.account_id)
    answer = ConnectionList(data=[ConnectionShown.model_validate(_shown(call, row)) for row in rows])
    return JSONResponse(answer.model_dump(mode="json"), headers=_PRIVATE)


async def get_connection(call: Call) -> Response:
    """`GET /v1/connections/{id}`"""
    return _answer(call, await _find(call, _id(call)))


async def change_connection(call: Call) -> Response:
    """`PATCH /v1/connections/{id}`"""
    async with read_fields(call.request) as fields:
        form = validated(ConnectionChanges, fields.values)
    filled = Filled(form.name, form.address, form.credentials, form.options, form.hook_secret)
    return _answer(call, await connecting.change(call.hub, call.account_id, _id(call), filled))


async def delete_connection(call: Call) -> Response:
    """`DELETE /v1/connections/{id}`"""
    await connecting.disconnect(call.hub, call.account_id, _id(call))
    return Response(status_code=204)


async def pause_connection(call: Call) -> Response:
    """`POST /v1/connections/{id}/pause`"""
    return _answer(call, await connecting.pause(call.hub, call.account_id, _id(call)))


async def resume_connection(call: Call) -> Response:
    """`POST /v1/connections/{id}/resume`"""
    return _answer(call, await connecting.resume(call.hub, call.account_id, _id(call)))


async def rotate_connection_secret(call: Call) -> Response:
    """`POST /v1/connections/{id}/rotate-secret`"""

    async def rotated() -> str:
        return (await connecting.rotate(call.hub, call.account_id, _id(call))).id

    record_id, headers = await named_once(call, fingerprint_of("POST", call.request.url.path), rotated)
    record = await _find(call, record_id)
    return JSONResponse(_shown(call, record, new=True), headers={**headers, **_PRIVATE})


async def list_choices(call: Call) -> Response:
    """`GET /v1/connections/{id}/choices/{option}`"""
    option: str = call.request.path_params["option"]
    chosen = dict(call.request.query_params)
    found = await offered(call.hub, call.account_id, _id(call), option, chosen)
    answer = ChoiceList(data=[ChoiceShown(value=choice.value, label=choice.label) for choice in found])
    return JSONResponse(answer.model_dump(mode="json"), headers=_PRIVATE)


async def list_events(call: Call) -> Response:
    """`GET /v1/connections/{id}/events`"""
    wanted = validated(EventFilter, dict(call.request.query_params))
    async with call.hub.database.reading() as session:
        record = await find_connection(session, call.account_id, _id(call))
        found = await events.journeys(
            session, record.id, limit=wanted.limit, before=wanted.before, cursor=wanted.cursor
        )
        refused = await events.refusals(session, record.id)
    answer = EventList(
        data=[_event(call, journey) for journey in found.rows],
        next_cursor=found.next_cursor,
        refusals=[
            RefusalShown(
                reason=row.reason,
                sentence=row.sentence,
                count=row.count,
                first_at=row.first_at,
                last_at=row.last_at,
            )
            for row in refused
        ],
    )
    return JSONResponse(answer.model_dump(mode="json"), headers=_PRIVATE)


async def replay_event(call: Call) -> Response:
    """`POST /v1/connections/{id}/events/{event}/replay`"""
    event_id: str = call.request.path_params["event"]
    return await _begun_once(call, lambda: events.replay(call.hub, call.account_id, _id(call), event_id))


async def send_test_event(call: Call) -> Response:
    """`POST /v1/connections/{id}/test`"""
    return await _begun_once(call, lambda: events.send_test(call.hub, call.account_id, _id(call)))


async def _begun_once(call: Call, work: Callable[[], Awaitable[InboundEvent]]) -> Response:
    async def begun() -> StoredAnswer:
        shown = _event(call, Journey(await work(), None, None, None))
        return StoredAnswer(202, _PRIVATE, shown.model_dump(mode="json"))

    return await answered_once(call, fingerprint_of("POST", call.request.url.path), begun)


def _id(call: Call) -> str:
    return uuid_in(call, NotFound("Connection not found", code="connection_not_found"))


async def _find(call: Call, connection_id: str) -> ConnectionRecord:
    async with call.hub.database.reading() as session:
        return await find_connection(session, call.account_id, connection_id)


def _answer(call: Call, record: ConnectionRecord) -> Response:
    return JSONResponse(_shown(call, record), headers=_PRIVATE)


def _shown(call: Call, record: ConnectionRecord, *, new: bool = False) -> dict[str, Any]:
    connector = connector_named(call.hub.settings, record.connector)
    by_hand = connector.connect is None and connecting.makes_hook_secret(connector)
    secret = hook_secrets(call.hub, connector, record)[0] if new and by_hand else None
    shown = ConnectionShown(
        id=record.id,
        connector=record.connector,
        name=record.name,
        address=record.address,
        status=record.status,
        sentence=record.sentence,
        options=record.options,
        hook_url=hook_url(call.hub, connector, record) if _may_send(call, connector) else None,
        hook_secret=secret,
        events=_counters(record),
        created_at=record.created_at,
    )
    return shown.model_dump(mode="json")


def _may_send(call: Call, connector: Connector) -> bool:
    """Whoever knows an address that is a secret sends events as the platform does: no right of a reader."""
    return not connector.has_secret_address or "connections:write" in call.caller.scopes


def _counters(record: ConnectionRecord) -> dict[str, int]:
    return {
        "spoken": record.spoken,
        "ignored": record.ignored,
        "failed": record.failed,
        "pushed": record.pushed,
    }


def _event(call: Call, journey: Journey) -> EventShown:
    event, target = journey.event, journey.target
    url = None
    if target is not None and journey.generation is not None and target.audio_generation_id:
        url = lasting_url(call.hub.settings.base_url, target.token, journey.generation.format)
    return EventShown(
        id=event.id,
        name=event.name,
        origin=event.origin,
        verdict=event.verdict,
        code=event.code,
        sentence=event.sentence,
        received_at=event.received_at,
        generation_id=event.generation_id,
        generation_status=journey.generation.status if journey.generation else None,
        audio_url=url,
        push=_push(journey.push),
    )


def _push(push: Push | None) -> PushShown | None:
    if push is None:
        return None
    next_at = push.next_at if push.status == "waiting" else None
    return PushShown(status=push.status, attempts=push.attempts, sentence=push.sentence, next_at=next_at)


def _connector(connector: Connector) -> ConnectorShown:
    manifest = connector.manifest
    address = manifest.address
    return ConnectorShown(
        name=connector.name,
        title=manifest.name,
        summary=manifest.summary,
        auth=manifest.auth.kind,
        address=None
        if address is None
        else ConnectorField(name="address", label=address.label, help=address.help, example=address.example),
        credentials=[_field(entry) for entry in credential_fields(connector)],
        needs_hook_secret=wants_hook_secret(connector),
        options=[
            ConnectorOption.model_validate(option.model_dump(include=set(ConnectorOption.model_fields)))
            for option in connector.form
        ],
        events={} if manifest.events is None else dict(manifest.events.handled),
    )


def _field(entry: FormField) -> ConnectorField:
    return ConnectorField(name=entry.name, label=entry.label, help=entry.help, example=entry.example)
