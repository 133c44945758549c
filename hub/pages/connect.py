"""Browsers that a platform sends: to install our app, and back from its authorisation screen."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from hub.connections import granting
from hub.connections.authorising import arrival, begin, finish
from hub.connections.catalogue import connector_named
from hub.connections.form import Filled
from hub.pages.page import Visit, page


@page("/connect/{connector}")
async def install(visit: Visit) -> Response:
    """Who comes from the platform's app store has said where; they are sent on to say yes."""
    connector = connector_named(visit.hub.settings, visit.request.path_params["connector"])
    address = arrival(visit.hub, connector, visit.request.url.query)
    if not address:
        return await visit.redirect(f"/connections/new/{connector.name}")
    url = await begin(visit.hub, visit.owner.id, connector, Filled(address=address), base_url=visit.base_url)
    return RedirectResponse(url, 303)


@page("/connect/{connector}/callback")
async def come_back(visit: Visit) -> Response:
    connector = connector_named(visit.hub.settings, visit.request.path_params["connector"])
    record = await finish(visit.hub, visit.owner.id, connector, visit.request.url.query)
    return await visit.redirect(
        f"/connections/{record.id}", notice=f"{connector.manifest.name} is connected."
    )


@page("/connect/{connector}/back", sign_in=False)
async def come_back_with_keys(visit: Visit) -> Response:
    """From the platform's page that allows keys; they may be here already, or not yet.

    Who is not signed in did not leave from here: what they allowed is nobody's, whoever sent them there.
    """
    connector = connector_named(visit.hub.settings, visit.request.path_params["connector"])
    account = visit.account.id if visit.account else None
    record = await granting.finish(visit.hub, account, connector, visit.request.query_params)
    if record is None:
        return visit.render("connection_wait.html", connector=connector)
    return await visit.redirect(
        f"/connections/{record.id}", notice=f"{connector.manifest.name} is connected."
    )
