"""Connections: what is connected, connecting more, and one connection with its events and their journeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from connectors.builders import builders
from connectors.connector import Connector
from connectors.errors import OptionInvalid
from hub.connections import connecting, events, granting
from hub.connections.authorising import begin
from hub.connections.catalogue import catalogue, connector_named
from hub.connections.form import Filled, credential_fields, wants_hook_secret
from hub.connections.hooks import hook_url
from hub.connections.records import find_connection, hook_secrets, list_connections, load_connection
from hub.connections.targets import lasting_url
from hub.errors import Conflict, HubError, NotFound, Unprocessable
from hub.pages.connection_form import Preview, choices_of, defaults, filled_in, previewed
from hub.pages.guides import guide
from hub.pages.page import Visit, page
from hub.store.connection_tables import ConnectionRecord
from hub.voices import list_voices


@page("/connections")
async def show_all(visit: Visit) -> Response:
    async with visit.hub.database.reading() as session:
        records = await list_connections(session, visit.owner.id)
    known = catalogue(visit.hub.settings)
    choices = [(f"/connections/new/{name}", connector) for name, connector in known.items()]
    flows = [(f"/builders/{name}", builder) for name, builder in builders().items()]
    return visit.render("connections.html", records=records, known=known, choices=[*choices, *flows])


@page("/connections/new/{connector}")
async def show_form(visit: Visit) -> Response:
    return await _form(visit, _connector(visit))


@page("/connections/new/{connector}", method="POST")
async def create(visit: Visit) -> Response:
    connector = _connector(visit)
    filled = filled_in(visit, connector)
    try:
        if connector.manifest.is_joined_there:
            url = await begin(visit.hub, visit.owner.id, connector, filled, base_url=visit.base_url)
            return visit.render("connection_leave.html", connector=connector, url=url)
        if visit.field("by_screen"):
            url = await granting.begin(visit.hub, visit.owner.id, connector, filled, base_url=visit.base_url)
            return visit.render("connection_leave.html", connector=connector, url=url)
        record = await connecting.connect(visit.hub, visit.owner.id, connector.name, filled)
    except (Unprocessable, Conflict) as error:
        return await _form(visit, connector, filled, error)
    return await visit.redirect(
        f"/connections/{record.id}", notice=f"{connector.manifest.name} is connected."
    )


@page("/connections/{id}")
async def show(visit: Visit) -> Response:
    return await _shown(visit, await _record(visit))


@page("/connections/{id}", method="POST")
async def change(visit: Visit) -> Response:
    record = await _record(visit)
    connector = connector_named(visit.hub.settings, record.connector)
    filled = filled_in(visit, connector)
    try:
        await connecting.change(visit.hub, visit.owner.id, record.id, filled)
    except (Unprocessable, Conflict) as error:
        return await _shown(visit, record, filled, error)
    return await visit.redirect(f"/connections/{record.id}", notice="Saved.")


@page("/connections/{id}/preview", method="POST")
async def show_preview(visit: Visit) -> Response:
    """What the options as they are typed would make of the newest event."""
    record = await _record(visit)
    connector = connector_named(visit.hub.settings, record.connector)
    filled = filled_in(visit, connector)
    found = await _previewed(visit, connector, record, filled.options)
    if visit.is_fragment:
        return visit.render("connection_preview.html", preview=found)
    return await _shown(visit, record, filled, preview=found)


@page("/connections/{id}/pause", method="POST")
async def pause(visit: Visit) -> Response:
    record = await connecting.pause(visit.hub, visit.owner.id, _id(visit))
    return await visit.redirect(f"/connections/{record.id}", notice="Paused. Events are kept meanwhile.")


@page("/connections/{id}/resume", method="POST")
async def resume(visit: Visit) -> Response:
    """A broken connection of an OAuth platform is mended on the platform."""
    record = await _record(visit)
    connector = connector_named(visit.hub.settings, record.connector)
    try:
        await connecting.resume(visit.hub, visit.owner.id, record.id)
    except Unprocessable as error:
        if not connector.manifest.is_joined_there:
            return await _shown(visit, record, error=error)
        again = Filled(record.name, record.address, None, record.options)
        url = await begin(
            visit.hub, visit.owner.id, connector, again, base_url=visit.base_url, connection_id=record.id
        )
        return visit.render("connection_leave.html", connector=connector, url=url)
    return await visit.redirect(f"/connections/{record.id}", notice="It goes on, with what waited.")


@page("/connections/{id}/test", method="POST")
async def test(visit: Visit) -> Response:
    await events.send_test(visit.hub, visit.owner.id, _id(visit))
    return await visit.redirect(f"/connections/{_id(visit)}", notice="The test event is being read.")


@page("/connections/{id}/events/{event}/replay", method="POST")
async def replay(visit: Visit) -> Response:
    await events.replay(visit.hub, visit.owner.id, _id(visit), visit.request.path_params["event"])
    return await visit.redirect(f"/connections/{_id(visit)}", notice="The event is being read again.")


@page("/connections/{id}/disconnect", method="POST")
async def disconnect(visit: Visit) -> Response:
    record = await _record(visit)
    await connecting.disconnect(visit.hub, visit.owner.id, record.id)
    return await visit.redirect("/connections", notice=f"{record.name} is disconnected.")


async def _form(
    visit: Visit, connector: Connector, filled: Filled | None = None, error: HubError | None = None
) -> Response:
    return visit.render(
        "connection_new.html",
        status=error.status if error else 200,
        connector=connector,
        guide=guide(connector),
        fields=credential_fields(connector),
        needs_hook_secret=wants_hook_secret(connector),
        has_screen=granting.screen_of(connector) is not None,
        goes_away=connector.manifest.is_joined_there,
        given=filled or Filled(),
        values=filled.options if filled else defaults(connector),
        choices={},
        voices=await _voices(visit),
        error=error.detail if error else "",
    )


async def _shown(
    visit: Visit,
    record: ConnectionRecord,
    filled: Filled | None = None,
    error: HubError | None = None,
    preview: Preview | None = None,
) -> Response:
    connector = connector_named(visit.hub.settings, record.connector)
    values = {**defaults(connector), **record.options, **(filled.options if filled else {})}
    async with visit.hub.database.reading() as session:
        cursor = visit.request.query_params.get("cursor") or None
        journeys = await events.journeys(session, record.id, cursor=cursor)
        refusals = await events.refusals(session, record.id)
    ours = connecting.makes_hook_secret(connector)
    by_hand = ours and (connector.connect is None or connector.has_secret_address)
    return visit.render(
        "connection.html",
        status=error.status if error else 200,
        connector=connector,
        record=record,
        guide=guide(connector),
        erases=connecting.ends_in_erasure(connector),
        fields=credential_fields(connector),
        needs_hook_secret=wants_hook_secret(connector),
        hook_url=hook_url(visit.hub, connector, record) if by_hand else None,
        hook_secret=hook_secrets(visit.hub, connector, record)[0] if by_hand else None,
        values=values,
        choices=await choices_of(visit, connector, record),
        voices=await _voices(visit),
        preview=preview or await _previewed(visit, connector, record, values),
        journeys=[(journey, _audio(visit, journey)) for journey in journeys.rows],
        older=journeys.next_cursor,
        is_later=cursor is not None,
        refusals=refusals,
        error=error.detail if error else "",
    )


async def _previewed(
    visit: Visit, connector: Connector, record: ConnectionRecord, given: Mapping[str, Any]
) -> Preview:
    try:
        options = connector.options({**record.options, **given})
        connection = replace(await load_connection(visit.hub, record), options=options)
    except OptionInvalid as error:
        return Preview(sentence=str(error))
    except NotFound:
        return Preview(sentence="The saved voice is no longer there. Choose another one.")
    return await previewed(visit, connector, connection)


def _audio(visit: Visit, journey: events.Journey) -> str | None:
    target, generation = journey.target, journey.generation
    if target is None or generation is None or target.audio_generation_id != generation.id:
        return None
    return lasting_url(visit.base_url, target.token, generation.format)


async def _voices(visit: Visit) -> Any:
    async with visit.hub.database.reading() as session:
        return await list_voices(session, visit.owner.id)


async def _record(visit: Visit) -> ConnectionRecord:
    async with visit.hub.database.reading() as session:
        return await find_connection(session, visit.owner.id, _id(visit))


def _id(visit: Visit) -> str:
    found: str = visit.request.path_params["id"]
    return found


def _connector(visit: Visit) -> Connector:
    return connector_named(visit.hub.settings, visit.request.path_params["connector"])
