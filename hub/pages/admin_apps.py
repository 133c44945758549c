"""Apps for administrators: those that may ask people for access, and where their codes may be sent."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from hub.accounts import SCOPES, audit
from hub.errors import HubError
from hub.oauth import create_client, delete_client, edit_client, find_client, list_clients, rotate_secret
from hub.pages.page import Visit, page

_OVERLAP = timedelta(days=7)


@page("/admin/apps", admin=True)
async def show_apps(visit: Visit) -> Response:
    return await _shown(visit)


@page("/admin/apps", method="POST", admin=True)
async def register(visit: Visit) -> Response:
    name = visit.field("name")
    try:
        async with visit.hub.database.transaction() as session:
            made = await create_client(
                session,
                name=name,
                redirect_uris=_lines(visit),
                now=visit.hub.now(),
                public=_is_public(visit),
                scopes=_scopes(visit),
            )
            await _note(visit, session, "registered an app", name, made.id)
    except HubError as error:
        return await _shown(visit, error)
    if made.secret is None:
        return await visit.redirect("/admin/apps", notice=f"{name} is registered as {made.id}.")
    return await visit.redirect("/admin/apps", secret=made.secret)


@page("/admin/apps/{id}", method="POST", admin=True)
async def edit(visit: Visit) -> Response:
    """The name, the redirect URIs, one a line, and the rights: exactly these from now on."""
    client_id = visit.request.path_params["id"]
    try:
        async with visit.hub.database.transaction() as session:
            client = await find_client(session, client_id)
            wanted, before = _lines(visit), list(client.redirect_uris)
            await edit_client(
                session,
                client_id,
                name=visit.field("name"),
                add_redirect_uris=[uri for uri in wanted if uri not in before],
                remove_redirect_uris=[uri for uri in before if uri not in wanted],
                scopes=_scopes(visit),
            )
            said = f"{', '.join(wanted)}; {', '.join(client.scopes)}"
            await _note(visit, session, "edited an app", client.name, said)
    except HubError as error:
        return await _shown(visit, error)
    return await visit.redirect("/admin/apps", notice="The app is changed.")


@page("/admin/apps/{id}/secret", method="POST", admin=True)
async def renew(visit: Visit) -> Response:
    client_id = visit.request.path_params["id"]
    async with visit.hub.database.transaction() as session:
        made = await rotate_secret(session, client_id, now=visit.hub.now(), overlap=_OVERLAP)
        await _note(visit, session, "gave an app a new secret", client_id)
    return await visit.redirect("/admin/apps", secret=made.secret or "")


@page("/admin/apps/{id}/delete", method="POST", admin=True)
async def remove(visit: Visit) -> Response:
    async with visit.hub.database.transaction() as session:
        client = await delete_client(session, visit.request.path_params["id"])
        await _note(visit, session, "deleted an app", client.name, client.id)
    return await visit.redirect("/admin/apps", notice="The app is gone, and every access it had.")


async def _shown(visit: Visit, error: HubError | None = None) -> Response:
    async with visit.hub.database.reading() as session:
        clients = await list_clients(session)
    return visit.render(
        "admin_apps.html",
        status=error.status if error else 200,
        error=error.detail if error else "",
        clients=clients,
        scopes=SCOPES,
        overlap_days=_OVERLAP.days,
    )


async def _note(visit: Visit, session: AsyncSession, action: str, subject: str, detail: str = "") -> None:
    await audit.record(
        session,
        actor=visit.owner.email,
        action=action,
        subject=subject,
        detail=detail,
        now=visit.hub.now(),
    )


def _lines(visit: Visit) -> list[str]:
    return list(dict.fromkeys(visit.field("redirect_uris").split()))


def _scopes(visit: Visit) -> list[str]:
    return [value for value in visit.form.getlist("scope") if isinstance(value, str)]


def _is_public(visit: Visit) -> bool:
    return visit.field("public") == "yes"
