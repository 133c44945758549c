"""The part of the table of endpoints that is about an account's own webhooks."""

from __future__ import annotations

from hub.api import connection_examples as examples
from hub.api.endpoint import Answer, Body, Endpoint
from hub.api.fields import JSON_TYPE, URLENCODED_TYPE
from hub.api.routes import webhooks
from hub.api.schemas.webhooks import (
    MessageFilter,
    Replayed,
    ReplayFields,
    Webhook,
    WebhookChanges,
    WebhookFields,
    WebhookList,
    WebhookMessage,
    WebhookMessages,
    WebhookWithSecret,
)
from hub.webhooks.events import EVENTS, TEST

_TAG = "Webhooks"
_ONE = "/v1/webhooks/{id}"
_LISTED = " ".join(f"`{name}`: {words}" for name, words in EVENTS.items() if name != TEST)

WEBHOOKS = (
    Endpoint(
        method="POST",
        path="/v1/webhooks",
        handler=webhooks.create_webhook,
        summary="Add a webhook",
        description="Events are POSTed there by the Standard Webhooks rules, signed with the `secret` "
        "shown here and not again, and tried ten times over three days until one is answered with 2xx. "
        + _LISTED,
        tag=_TAG,
        scope="webhooks:write",
        body=Body({JSON_TYPE: WebhookFields, URLENCODED_TYPE: WebhookFields}, examples.WEBHOOK_FORM),
        answers={
            201: Answer(
                "Added.",
                WebhookWithSecret,
                example=examples.WEBHOOK_MADE,
                headers=("Location", "Idempotency-Replayed"),
            )
        },
        errors=(400, 408, 409, 413, 415, 422),
    ),
    Endpoint(
        method="GET",
        path="/v1/webhooks",
        handler=webhooks.list_webhooks,
        summary="List the webhooks",
        description="Oldest first.",
        tag=_TAG,
        scope="webhooks:read",
        answers={200: Answer("The webhooks.", WebhookList, example={"data": [examples.WEBHOOK]})},
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        handler=webhooks.get_webhook,
        summary="Read a webhook",
        description="Whether it is on, and since when it fails.",
        tag=_TAG,
        scope="webhooks:read",
        answers={200: Answer("The webhook.", Webhook, example=examples.WEBHOOK)},
        errors=(404,),
    ),
    Endpoint(
        method="PATCH",
        path=_ONE,
        handler=webhooks.change_webhook,
        summary="Change a webhook",
        description="Messages that wait follow to a new address. It is switched off by itself after five "
        "days without one success, or at once when it answers 410; `enabled` switches it on again.",
        tag=_TAG,
        scope="webhooks:write",
        body=Body(
            {JSON_TYPE: WebhookChanges, URLENCODED_TYPE: WebhookChanges},
            {"on": {"summary": "Switch it on", "value": {"enabled": True}}},
        ),
        answers={200: Answer("The webhook.", Webhook, example=examples.WEBHOOK)},
        errors=(400, 404, 408, 413, 415, 422),
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        handler=webhooks.delete_webhook,
        summary="Remove a webhook",
        description="Forgets its messages too.",
        tag=_TAG,
        scope="webhooks:write",
        answers={204: Answer("Removed.")},
        errors=(404,),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/rotate-secret",
        handler=webhooks.rotate_webhook_secret,
        summary="Replace a webhook's secret",
        description="For 24 hours messages are signed with both, so that no message is refused while you "
        "change it on your side.",
        tag=_TAG,
        scope="webhooks:write",
        answers={200: Answer("The new secret.", WebhookWithSecret, example=examples.WEBHOOK_MADE)},
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/test",
        handler=webhooks.send_webhook_test,
        summary="Send a test message",
        description="A `webhook.test` event; its attempts tell what came of it.",
        tag=_TAG,
        scope="webhooks:write",
        answers={202: Answer("On its way.", WebhookMessage, example=examples.MESSAGE)},
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/attempts",
        handler=webhooks.list_webhook_attempts,
        summary="List what was sent and what it met",
        description="Messages newest first, each with all its tries.",
        tag=_TAG,
        scope="webhooks:read",
        query=MessageFilter,
        answers={200: Answer("The messages.", WebhookMessages, example={"data": [examples.MESSAGE]})},
        errors=(404, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/replay",
        handler=webhooks.replay_webhook,
        summary="Send messages again",
        description="One by `message_id`, or all that failed since a time; with the same ids and the same "
        "bytes as before.",
        tag=_TAG,
        scope="webhooks:write",
        body=Body({JSON_TYPE: ReplayFields, URLENCODED_TYPE: ReplayFields}, examples.REPLAY_FORM),
        answers={202: Answer("On their way.", Replayed, example={"replayed": 12})},
        errors=(400, 404, 408, 409, 413, 415, 422),
    ),
)
