"""Generations: the list to search, one of them to hear, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from starlette.responses import Response

from engine.values import Mode
from hub.api.schemas.status import GenerationFilter
from hub.api.validation import validated
from hub.errors import Conflict, HubError, NotFound
from hub.jobs import OPEN, Status, cancel, erase, newest, sources_of
from hub.jobs.repeat import order_again
from hub.links import link_expiry, sign_audio_link
from hub.money.ledger import released
from hub.pages.generation_view import shown, shown_small
from hub.pages.ordering import SOURCE, accepted, count_request, owned_generation
from hub.pages.page import Visit, page
from hub.pages.visit import redirect
from hub.store.tables import Generation

_ON_A_PAGE = 20
_FILTERS = ("text", "status", "mode", "source")
_CAPTIONS = ("srt", "vtt")


@page("/generations")
async def generations(visit: Visit) -> Response:
    """Newest first; a filter that cannot be is as good as none."""
    asked = {name: visit.request.query_params.get(name, "").strip() for name in (*_FILTERS, "cursor")}
    wanted = validated(GenerationFilter, {name: value or None for name, value in asked.items()})
    async with visit.hub.database.reading() as session:
        found = await newest(
            session,
            visit.owner.id,
            limit=_ON_A_PAGE,
            cursor=wanted.cursor,
            status=wanted.status,
            mode=wanted.mode,
            source=wanted.source,
            text=wanted.text,
        )
        sources = await sources_of(session, visit.owner.id)
    filters = {name: asked[name] for name in _FILTERS}
    chosen = {name: value for name, value in filters.items() if value}
    return visit.render(
        "generations.html",
        rows=[shown_small(row) for row in found.rows],
        filters=filters,
        is_filtered=bool(chosen),
        older=urlencode({**chosen, "cursor": found.next_cursor}) if found.next_cursor else "",
        is_later=bool(asked["cursor"]),
        newest=urlencode(chosen),
        statuses=list(Status),
        modes=list(Mode),
        sources=sources,
    )


@page("/generations/{id}")
async def generation(visit: Visit) -> Response:
    """While it is being made the page asks again by itself, with scripts or without."""
    return await _one(visit, await _found(visit))


@page("/generations/{id}/file/{kind}")
async def file(visit: Visit) -> Response:
    """To a fresh link to the `audio`, or to the captions as `srt` or `vtt`; `download=1` saves it."""
    row = await _found(visit)
    kind = visit.request.path_params["kind"]
    is_there = row.audio_key is not None and (kind == "audio" or (kind in _CAPTIONS and row.words))
    if row.status != Status.COMPLETED or not is_there:
        raise NotFound("This generation has no such file.")
    link = sign_audio_link(
        base_url="",  # stays on the host that the browser is on, as the page's own policy asks
        secrets=visit.hub.secrets,
        generation_id=row.id,
        extension=row.format if kind == "audio" else kind,
        expires_at=link_expiry(visit.hub.now(), visit.hub.settings.link_lifetime),
    )
    is_download = visit.request.query_params.get("download") == "1"
    return redirect(f"{link}&download=1" if is_download else link)


@page("/generations/{id}/cancel", method="POST")
async def stop(visit: Visit) -> Response:
    row = await _found(visit)
    try:
        await cancel(visit.hub, visit.owner.id, row.id)
    except Conflict as error:
        return await visit.redirect(f"/generations/{row.id}", notice=error.detail)
    async with visit.hub.database.reading() as session:
        back = await released(session, row.charged_with or row.id)
    said = (
        f"{back} credits are back in your balance." if back else "Its price stays held for the other takes."
    )
    return await visit.redirect(f"/generations/{row.id}", notice=f"Cancelled. {said}")


@page("/generations/{id}/delete", method="POST")
async def delete(visit: Visit) -> Response:
    await erase(visit.hub, visit.owner.id, (await _found(visit)).id)
    return await visit.redirect("/generations", notice="Deleted: text, audio and captions are gone for good.")


@page("/generations/{id}/retry", method="POST")
async def retry(visit: Visit) -> Response:
    """The same words in the same voice again, as a new generation that calls nobody back.

    What cannot be repeated from the record alone (the recording of a clone, the plan of a long text) goes
    through the playground.
    """
    row = await _found(visit)
    view = shown(row)
    if not view.can_retry:
        return redirect(view.playground)
    try:
        await count_request(visit)
        order = replace(order_again(row), callback_url=None, flat_callback=False, source=SOURCE)
        new = await accepted(visit, order, once=visit.field("once"))
    except HubError as error:
        return await _one(visit, row, error)
    return await visit.redirect(f"/generations/{new}")


async def _one(visit: Visit, row: Generation, error: HubError | None = None) -> Response:
    return visit.render(
        "generation.html",
        status=error.status if error else 200,
        error=error,
        it=shown(row),
        row=row,
        is_open=row.status in OPEN,
        samples=shown(row).samples(visit.base_url),
    )


async def _found(visit: Visit) -> Generation:
    return await owned_generation(visit, visit.request.path_params["id"])
