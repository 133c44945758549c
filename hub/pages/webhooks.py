"""Webhooks: where events are sent, what the messages met, and sending them again."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from hub.errors import Conflict, HubError, Unprocessable
from hub.pages.page import Visit, page
from hub.store.connection_tables import WebhookEndpoint
from hub.webhooks import endpoints, messages
from hub.webhooks.endpoints import EndpointFields
from hub.webhooks.events import EVENTS, TEST

OFFERED = {name: words for name, words in EVENTS.items() if name != TEST}
_SPANS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "three-days": timedelta(days=3),
    "month": timedelta(days=30),
}


@page("/webhooks")
async def show_all(visit: Visit) -> Response:
    return await _listed(visit)


@page("/webhooks", method="POST")
async def create(visit: Visit) -> Response:
    given = EndpointFields(
        visit.field("url"),
        _events(visit),
        visit.field("description")[:200],
        is_asymmetric=visit.field("signature") == "v1a",
    )
    try:
        endpoint = await endpoints.create_endpoint(visit.hub, visit.owner.id, given)
    except (Unprocessable, Conflict) as error:
        return await _listed(visit, given, error)
    return await _made(visit, endpoint)


@page("/webhooks/{id}")
async def show(visit: Visit) -> Response:
    async with visit.hub.database.reading() as session:
        endpoint = await endpoints.find_endpoint(session, visit.owner.id, _id(visit))
        sent = await messages.newest(session, endpoint, limit=20)
    key = endpoints.public_key_of(visit.hub, endpoint)
    return visit.render("webhook.html", endpoint=endpoint, sent=sent, public_key=key)


@page("/webhooks/{id}/switch", method="POST")
async def switch(visit: Visit) -> Response:
    on = visit.field("on") == "yes"
    await endpoints.change_endpoint(visit.hub, visit.owner.id, _id(visit), EndpointFields(enabled=on))
    return await _back(visit, "Switched on. Send again below what it missed." if on else "Switched off.")


@page("/webhooks/{id}/rotate", method="POST")
async def rotate(visit: Visit) -> Response:
    endpoint = await endpoints.rotate_secret(visit.hub, visit.owner.id, _id(visit))
    return await _made(visit, endpoint)


@page("/webhooks/{id}/test", method="POST")
async def test(visit: Visit) -> Response:
    await messages.send_test(visit.hub, visit.owner.id, _id(visit))
    return await _back(visit, "The test message is on its way.")


@page("/webhooks/{id}/replay", method="POST")
async def replay(visit: Visit) -> Response:
    """One message, or all that failed within a span."""
    owner, endpoint_id = visit.owner.id, _id(visit)
    if message := visit.field("message"):
        count = await messages.replay_one(visit.hub, owner, endpoint_id, message)
    else:
        since = visit.hub.now() - _SPANS.get(visit.field("span"), _SPANS["day"])
        count = await messages.replay_since(visit.hub, owner, endpoint_id, since)
    return await _back(visit, f"{count} {'message is' if count == 1 else 'messages are'} sent again.")


@page("/webhooks/{id}/delete", method="POST")
async def delete(visit: Visit) -> Response:
    await endpoints.delete_endpoint(visit.hub, visit.owner.id, _id(visit))
    return await visit.redirect("/webhooks", notice="The webhook is deleted.")


async def _listed(
    visit: Visit, given: EndpointFields | None = None, error: HubError | None = None
) -> Response:
    async with visit.hub.database.reading() as session:
        rows = await endpoints.list_endpoints(session, visit.owner.id)
    return visit.render(
        "webhooks.html",
        status=error.status if error else 200,
        endpoints=rows,
        offered=OFFERED,
        given=given or EndpointFields(events=tuple(OFFERED)),
        error=error.detail if error else "",
    )


async def _made(visit: Visit, endpoint: WebhookEndpoint) -> Response:
    """To its page, which shows a new secret once and a public key always."""
    if endpoints.public_key_of(visit.hub, endpoint):
        return await _back(visit, "A new key signs its messages.", endpoint.id)
    secret = endpoints.secrets_of(visit.hub, endpoint)[0]
    return await visit.redirect(f"/webhooks/{endpoint.id}", secret=secret)


async def _back(visit: Visit, notice: str, endpoint_id: str = "") -> Response:
    return await visit.redirect(f"/webhooks/{endpoint_id or _id(visit)}", notice=notice)


def _events(visit: Visit) -> list[str]:
    return [name for name in visit.form.getlist("event") if isinstance(name, str)]


def _id(visit: Visit) -> str:
    found: str = visit.request.path_params["id"]
    return found
