"""Scenario builders: what to click there, and the hooks that their Zaps and scenarios have here."""

from __future__ import annotations

from starlette.responses import Response

from connectors.builders import Builder, builders
from hub.errors import NotFound
from hub.pages.page import Visit, page
from hub.subscriptions import hooks, messages
from hub.subscriptions.of_builder import at_builder


@page("/builders")
async def show_all(visit: Visit) -> Response:
    choices = [(f"/builders/{name}", builder) for name, builder in builders().items()]
    return visit.render("builders.html", choices=choices)


@page("/builders/{builder}")
async def show(visit: Visit) -> Response:
    builder = _builder(visit)
    async with visit.hub.database.reading() as session:
        here = await at_builder(session, visit.owner.id, builder, visit.hub.now())
    return visit.render("builder.html", builder=builder, said=builder.manifest, here=here)


@page("/builders/{builder}/{id}/test", method="POST")
async def test(visit: Visit) -> Response:
    await messages.send_test(visit.hub, visit.owner.id, visit.request.path_params["id"])
    return await _back(visit, "The test is on its way.")


@page("/builders/{builder}/{id}/end", method="POST")
async def end(visit: Visit) -> Response:
    async with visit.hub.database.transaction() as session:
        hook = await hooks.find_hook(session, visit.owner.id, visit.request.path_params["id"])
        await hooks.end_hook(session, hook, visit.hub.now())
    return await _back(visit, "The hook is gone; nothing more is sent there.")


def _builder(visit: Visit) -> Builder:
    found = builders().get(visit.request.path_params["builder"])
    if found is None:
        raise NotFound("There is no such scenario builder.")
    return found


async def _back(visit: Visit, notice: str) -> Response:
    return await visit.redirect(f"/builders/{_builder(visit).name}", notice=notice)
