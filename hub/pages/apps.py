"""Connected apps: what people allowed on the consent page, and the button that ends it."""

from __future__ import annotations

from starlette.responses import Response

from hub.accounts import SCOPES
from hub.oauth import end_connection, list_connections
from hub.pages.page import Visit, page


@page("/settings/apps")
async def show(visit: Visit) -> Response:
    async with visit.hub.database.reading() as session:
        connections = await list_connections(session, visit.owner.id, visit.hub.now())
    return visit.render("apps.html", connections=connections, scopes=SCOPES)


@page("/settings/apps/{id}/disconnect", method="POST")
async def disconnect(visit: Visit) -> Response:
    async with visit.hub.database.transaction() as session:
        await end_connection(
            session, visit.request.path_params["id"], account_id=visit.owner.id, now=visit.hub.now()
        )
    return await visit.redirect("/settings/apps", notice="The app is disconnected; its access has ended.")
