"""Several voices for one description, side by side, for the price of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import or_, select
from starlette.responses import Response

from hub.api.fields import Fields
from hub.api.routes.design import design_form, design_order, design_seeds
from hub.errors import HubError, NotFound
from hub.jobs import OPEN
from hub.pages import voices
from hub.pages.generation_view import shown
from hub.pages.ordering import SOURCE, accepted, count_request
from hub.pages.page import Visit, page
from hub.store.tables import Generation

_FIELDS = ("voice_description", "text", "language", "count")


@page("/voices/previews", method="POST")
async def order_previews(visit: Visit) -> Response:
    given = {name: visit.field(name) for name in _FIELDS}
    try:
        form, warnings = design_form(Fields({**_without_blanks(given), "format": "mp3"}))
        seeds = design_seeds(form)
        order = replace(design_order(form, seeds[0], warnings), source=SOURCE)
        await count_request(visit)
        leader = await accepted(visit, order, once=visit.field("once"), more_seeds=seeds[1:])
    except HubError as error:
        return await voices.shown_with(visit, error, {**voices.blank(visit), **given}, kind="previews")
    return await visit.redirect(f"/voices/previews/{leader}")


@page("/voices/previews/{id}")
async def previews(visit: Visit) -> Response:
    """The takes, each with what keeps it; the page asks again by itself while one is being spoken."""
    takes = await _takes(visit)
    return visit.render(
        "previews.html",
        leader=takes[0],
        takes=[shown(take) for take in takes],
        is_open=any(take.status in OPEN for take in takes),
    )


async def _takes(visit: Visit) -> Sequence[Generation]:
    """By seed; raises NotFound when none of them is this account's, or all are deleted."""
    try:
        leader = str(UUID(visit.request.path_params["id"]))
    except ValueError as error:
        raise NotFound("These previews are not here.") from error
    chosen = select(Generation).where(
        or_(Generation.charged_with == leader, Generation.id == leader),
        Generation.account_id == visit.owner.id,
        Generation.deleted_at.is_(None),
    )
    async with visit.hub.database.reading() as session:
        found = (await session.scalars(chosen.order_by(Generation.created_at, Generation.seed))).all()
    if not found:
        raise NotFound("These previews are not here: they were deleted, or never made.")
    return found


def _without_blanks(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value}
