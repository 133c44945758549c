"""An account's webhook endpoints."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from hub.api.call import Call
from hub.api.fields import read_fields
from hub.api.idempotency import answered_once, named_once
from hub.api.ids import uuid_in
from hub.api.orders import fingerprint_of
from hub.api.schemas.webhooks import (
    MessageFilter,
    Replayed,
    ReplayFields,
    Webhook,
    WebhookAttempt,
    WebhookChanges,
    WebhookFields,
    WebhookList,
    WebhookMessage,
    WebhookMessages,
)
from hub.api.validation import validated
from hub.errors import NotFound, Unprocessable
from hub.store.connection_tables import WebhookEndpoint
from hub.store.idempotency import StoredAnswer
from hub.webhooks import endpoints, messages
from hub.webhooks.endpoints import EndpointFields
from hub.webhooks.messages import Sent

_PRIVATE = {"Cache-Control": "no-store"}


async def create_webhook(call: Call) -> Response:
    """`POST /v1/webhooks`: the secret is in this answer, and the hub never stores it in the clear."""
    async with read_fields(call.request) as fields:
        form = validated(WebhookFields, fields.values)
    given = EndpointFields(form.url, form.events, form.description, is_asymmetric=form.signature == "v1a")

    async def made() -> str:
        return (await endpoints.create_endpoint(call.hub, call.account_id, given, app=call.caller.app)).id

    fingerprint = fingerprint_of("POST", call.request.url.path, given)
    made_id, headers = await named_once(call, fingerprint, made, location=f"{call.base_url}/v1/webhooks")
    endpoint = await _find(call, made_id)
    return JSONResponse(_with_secret(call, endpoint), 201, headers={**headers, **_PRIVATE})


async def list_webhooks(call: Call) -> Response:
    """`GET /v1/webhooks`"""
    async with call.hub.database.reading() as session:
        rows = await endpoints.list_endpoints(session, call.account_id)
    answer = WebhookList(data=[Webhook.model_validate(_shown(call, row)) for row in rows])
    return JSONResponse(answer.model_dump(mode="json"), headers=_PRIVATE)


async def get_webhook(call: Call) -> Response:
    """`GET /v1/webhooks/{id}`"""
    return _answer(call, await _find(call, _id(call)))


async def change_webhook(call: Call) -> Response:
    """`PATCH /v1/webhooks/{id}`"""
    async with read_fields(call.request) as fields:
        form = validated(WebhookChanges, fields.values)
    given = EndpointFields(form.url, form.events, form.description, form.enabled)
    return _answer(call, await endpoints.change_endpoint(call.hub, call.account_id, _id(call), given))


async def delete_webhook(call: Call) -> Response:
    """`DELETE /v1/webhooks/{id}`"""
    await endpoints.delete_endpoint(call.hub, call.account_id, _id(call))
    return Response(status_code=204)


async def rotate_webhook_secret(call: Call) -> Response:
    """`POST /v1/webhooks/{id}/rotate-secret`"""

    async def rotated() -> str:
        return (await endpoints.rotate_secret(call.hub, call.account_id, _id(call))).id

    fingerprint = fingerprint_of("POST", call.request.url.path)
    endpoint_id, headers = await named_once(call, fingerprint, rotated)
    endpoint = await _find(call, endpoint_id)
    return JSONResponse(_with_secret(call, endpoint), headers={**headers, **_PRIVATE})


async def send_webhook_test(call: Call) -> Response:
    """`POST /v1/webhooks/{id}/test`"""

    async def sent() -> StoredAnswer:
        delivery = await messages.send_test(call.hub, call.account_id, _id(call))
        return StoredAnswer(202, _PRIVATE, _message(Sent(delivery, ())))

    return await answered_once(call, fingerprint_of("POST", call.request.url.path), sent)


async def list_webhook_attempts(call: Call) -> Response:
    """`GET /v1/webhooks/{id}/attempts`"""
    wanted = validated(MessageFilter, dict(call.request.query_params))
    async with call.hub.database.reading() as session:
        endpoint = await endpoints.find_endpoint(session, call.account_id, _id(call))
        sent = await messages.newest(session, endpoint, limit=wanted.limit, status=wanted.status)
    answer = WebhookMessages(data=[WebhookMessage.model_validate(_message(one)) for one in sent])
    return JSONResponse(answer.model_dump(mode="json"), headers=_PRIVATE)


async def replay_webhook(call: Call) -> Response:
    """`POST /v1/webhooks/{id}/replay`"""
    async with read_fields(call.request) as fields:
        form = validated(ReplayFields, fields.values)

    async def replayed() -> StoredAnswer:
        count = await _replay(call, form)
        return StoredAnswer(202, _PRIVATE, Replayed(replayed=count).model_dump())

    asked = "&".join(f"{name}={value}" for name, value in form.model_dump(mode="json").items())
    return await answered_once(call, fingerprint_of("POST", f"{call.request.url.path}?{asked}"), replayed)


async def _replay(call: Call, form: ReplayFields) -> int:
    if form.message_id is not None:
        return await messages.replay_one(call.hub, call.account_id, _id(call), form.message_id)
    if form.since is None:
        raise Unprocessable("since", "must be a time such as 2026-11-22T18:00:00Z; or send message_id.")
    return await messages.replay_since(
        call.hub, call.account_id, _id(call), form.since, form.until, only_failed=not form.delivered_too
    )


def _id(call: Call) -> str:
    return uuid_in(call, NotFound("Webhook not found", code="webhook_not_found"))


async def _find(call: Call, endpoint_id: str) -> WebhookEndpoint:
    async with call.hub.database.reading() as session:
        return await endpoints.find_endpoint(session, call.account_id, endpoint_id)


def _answer(call: Call, endpoint: WebhookEndpoint) -> Response:
    return JSONResponse(_shown(call, endpoint), headers=_PRIVATE)


def _shown(call: Call, endpoint: WebhookEndpoint) -> dict[str, Any]:
    shown = Webhook(
        id=endpoint.id,
        url=endpoint.url,
        events=endpoint.events,
        description=endpoint.description,
        enabled=endpoint.disabled_at is None,
        disabled_reason=endpoint.disabled_reason,
        failing_since=endpoint.failing_since,
        public_key=endpoints.public_key_of(call.hub, endpoint),
        created_at=endpoint.created_at,
    )
    return shown.model_dump(mode="json")


def _with_secret(call: Call, endpoint: WebhookEndpoint) -> dict[str, Any]:
    shown = _shown(call, endpoint)
    secret = None if shown["public_key"] else endpoints.secrets_of(call.hub, endpoint)[0]
    return {**shown, "secret": secret}


def _message(sent: Sent) -> dict[str, Any]:
    delivery = sent.delivery
    shown = WebhookMessage(
        id=delivery.id,
        event=delivery.event,
        status=delivery.status,
        generation_id=delivery.generation_id,
        created_at=delivery.created_at,
        next_at=delivery.next_at if delivery.status == "waiting" else None,
        attempts=[
            WebhookAttempt(
                at=attempt.at,
                status=attempt.status,
                milliseconds=attempt.milliseconds,
                error=attempt.error,
                response=attempt.response,
            )
            for attempt in sent.attempts
        ],
    )
    return shown.model_dump(mode="json")
