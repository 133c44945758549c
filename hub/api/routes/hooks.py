"""Where platforms send their events."""

from __future__ import annotations

from starlette.responses import Response

from connectors.connector import Connector
from hub.api.call import Call
from hub.api.problems import PayloadTooLarge, RequestTimeout
from hub.connections import granting
from hub.connections.catalogue import connector_named
from hub.connections.receiving import Reception
from hub.errors import HubError, NotFound, Unauthenticated
from webhooks.errors import BodyTooLarge, NotVerified, SecretMalformed, WebhookError
from webhooks.inbound import MAX_BYTES, read_body
from webhooks.inbound.secret_url import HEADER as SECRET_HEADER

_LARGEST_KEYS = 8 * 1024


class NotShown(Unauthenticated):
    """Nothing shows who sent a delivery."""

    def __init__(self, error: WebhookError) -> None:
        HubError.__init__(self, str(error), code=error.code, headers={"WWW-Authenticate": "Signature"})


async def receive_event(call: Call) -> Response:
    """`POST /hooks/{connector}/{id}`: 200 once the event is on disk."""
    connector = _connector(call, shared=False)
    return await _received(call, connector, call.request.path_params["id"])


async def receive_shared_event(call: Call) -> Response:
    """`POST /hooks/{connector}`: for platforms that send all connections' events to one address."""
    return await _received(call, _connector(call, shared=True), None)


async def receive_event_at_secret(call: Call) -> Response:
    """`POST /hooks/{connector}/{id}/{secret}`: for senders that can show nothing but that they know it."""
    connector = _connector(call, shared=False)
    given = call.request.path_params
    return await _received(call, connector, given["id"], secret=given["secret"])


async def answer_question(call: Call) -> Response:
    """`POST /hooks/{connector}/ask/{version}/{question}`: for platforms that wait for what we say."""
    given = call.request.path_params
    connector = connector_named(call.hub.settings, given["connector"])
    return await _received(call, connector, None, asked=f"{given['version']}/{given['question']}")


async def take_keys(call: Call) -> Response:
    """`POST /connect/{connector}/keys`: a platform's server brings what its owner allowed."""
    connector = connector_named(call.hub.settings, call.request.path_params["connector"])
    stream, declared = call.request.stream(), call.request.headers.get("content-length")
    try:
        body = await read_body(stream, declared=declared, limit=_LARGEST_KEYS)
    except BodyTooLarge as error:
        raise PayloadTooLarge(f"Keys must be at most {_LARGEST_KEYS // 1024} KB.") from error
    await granting.receive(call.hub, connector, body)
    return Response(status_code=200)


async def _received(
    call: Call, connector: Connector, connection_id: str | None, *, asked: str | None = None, secret: str = ""
) -> Response:
    request = call.request
    request.scope["state"]["route"] = f"/hooks/{connector.name}"
    reception = _reception(call)
    headers = [pair for pair in request.headers.items() if pair[0] != SECRET_HEADER]
    headers += [(SECRET_HEADER, secret)] if secret else []
    verification = connector.manifest.verification
    most = MAX_BYTES if verification is None else verification.max_bytes
    try:
        declared = request.headers.get("content-length")
        body = await read_body(request.stream(), declared=declared, limit=most)
        if asked is not None:
            answer = await reception.answer(connector, asked, headers, body)
        elif connection_id is None:
            answer = await reception.receive_shared(connector, headers, body)
        else:
            answer = await reception.receive(connector, connection_id, headers, body)
    except BodyTooLarge as error:
        too_large = PayloadTooLarge(f"An event must be at most {most // 1024} KB.")
        await reception.refuse(connector, connection_id, headers, too_large.code, too_large.detail)
        raise too_large from error
    except RequestTimeout as error:
        await reception.refuse(connector, connection_id, headers, error.code, error.detail)
        raise
    except (NotVerified, SecretMalformed) as error:
        raise NotShown(error) from error
    return Response(answer.body, answer.status, dict(answer.headers))


def _reception(call: Call) -> Reception:
    """One for each web process: it remembers connections and writes for all requests together."""
    state = call.request.app.state
    if not hasattr(state, "reception"):
        state.reception = Reception(call.hub)
    reception: Reception = state.reception
    return reception


def _connector(call: Call, *, shared: bool) -> Connector:
    connector = connector_named(call.hub.settings, call.request.path_params["connector"])
    verification = connector.manifest.verification
    if verification is None or verification.shared is not shared:
        raise NotFound("This connector has no hook at this address.", code="hook_not_found")
    return connector
