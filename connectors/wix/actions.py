"""Our action in the owner's automations: answered at once with "wait", reported when the audio is there.

Source: dev.wix.com, "Action Provider" service plugin; `@wix/automations`. A run is known by its activation
and its action: asked twice, it is spoken once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from connectors.contract import (
    Connection,
    EventUnreadable,
    Flow,
    Found,
    Ignored,
    InboundEvent,
    MappingFailed,
    Question,
    Reply,
    SpeechOrder,
    SpeechResult,
    Standing,
    Target,
    compose,
)
from connectors.payload import Payload, read_payload
from connectors.wix.api import answered, post
from connectors.wix.deliveries import INVOKED, Id, opened, told

PATIENCE_MINUTES: Final = 60
EXTENSION: Final = "AUTOMATIONS_ACTION_PROVIDER"
_TEXT: Final = "text"
_LONGEST_REASON: Final = 1000


class Context(Payload):
    activation: Annotated[Id, Field(alias="activationId")]
    action: Annotated[Id, Field(alias="actionId")]
    token: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=500)], Field(alias="invocationToken")
    ]


class Run(Payload):
    """One step of one automation that waits for us."""

    parameters: Annotated[dict[str, Any], Field(alias="actionParams")]
    context: Annotated[Context, Field(alias="activationContext")]


def reply(question: Question, connection: Connection, standing: Standing) -> Reply:
    if standing.halted:
        return _refused(409, "CONNECTION_PAUSED", standing.halted)
    data = opened(question.payload, "data")
    request, metadata = opened(data, "request"), opened(data, "metadata")
    if str(metadata.get("appExtensionType", "")).upper() != EXTENSION:
        raise EventUnreadable("The question is meant for another of the app's extensions.")
    match question.name:
        case "v1/invoke":
            return _invoked(request, metadata, connection, standing)
        case "v1/validate-configuration":
            return _validated(request)
    return _quota(standing)


def order_of(payload: Mapping[str, Any], connection: Connection) -> SpeechOrder | Ignored:
    """What a run asks for: its text, in the connection's voice. Raises EventUnreadable and MappingFailed."""
    run = read_payload(Run, told(payload))
    given = {name: run.parameters.get(name) for name in (_TEXT, "language")}
    options = {**connection.options, "text": "{{ text }}", "only_when": ""}
    if given["language"]:
        options["language"] = "{{ language }}"
    fields = {name: value if isinstance(value, str) else "" for name, value in given.items()}
    return compose(replace(connection, options=options), fields, _target(run))


def run_of(event: InboundEvent) -> Target:
    """The step that waits. Raises EventUnreadable."""
    until = event.received_at + timedelta(minutes=PATIENCE_MINUTES)
    return replace(_target(read_payload(Run, told(event.payload))), until=until)


def report(target: Target, result: SpeechResult) -> Flow[None]:
    """The automation goes on with its next step, which may use what is said here."""
    said = {
        "audio_url": result.output_url,
        "duration_seconds": round(result.duration_seconds, 1),
        "job_id": result.generation_id,
        "status": "completed",
    }
    yield from _completed(target, {"status": "SUCCESS", "successInfo": {"result": said}})


def report_failure(target: Target, reason: str) -> Flow[None]:
    """The automation need not wait until its patience ends; its owner reads the reason in its log."""
    told_of = {"errorDescription": reason[:_LONGEST_REASON]}
    yield from _completed(target, {"status": "FAILURE", "failureInfo": told_of})


def _completed(target: Target, said: Mapping[str, Any]) -> Flow[None]:
    order = {"invocationToken": target.fields["token"], **said}
    reported = yield post("automations_runtime/v1/report-action-invocation-completed", order)
    if reported.status != 428:  # it was reported before, or the automation no longer waits
        answered(reported, "report to the automation")


def _invoked(
    request: Mapping[str, Any], metadata: Mapping[str, Any], connection: Connection, standing: Standing
) -> Reply:
    envelope = {"eventType": INVOKED, "instanceId": metadata.get("instanceId"), "data": dict(request)}
    payload: dict[str, Any] = {"data": envelope}
    try:
        order = order_of(payload, connection)
    except MappingFailed as error:
        return _refused(400, "TEXT_NOT_SPOKEN", str(error))
    if isinstance(order, Ignored):
        return _refused(400, "NOTHING_TO_READ", order.reason)
    price = standing.prices.get(order.request.mode, 0) * max(1, len(order.parts))
    if price > standing.credits:
        sentence = f"This text costs {price} credits and {standing.credits:g} are left. Top up in Sayhook."
        return _refused(428, "QUOTA_EXCEEDED", sentence)
    run = _run_id(read_payload(Run, request))
    pause = {
        "invokeTimeoutType": "TIMEOUT_LENGTH",
        "timeoutLengthOptions": {"timeoutInMinutes": PATIENCE_MINUTES},
    }
    return Reply(pause, event=Found(INVOKED, f"run:{run}", payload))


def _validated(request: Mapping[str, Any]) -> Reply:
    """`inputMapping` is JSON in a string: which variable or words stand for each input."""
    mapping = request.get("inputMapping")
    try:
        mapping = json.loads(mapping) if isinstance(mapping, str) else mapping
    except (ValueError, RecursionError) as error:
        raise EventUnreadable("The field “inputMapping” is not what the platform documents.") from error
    if isinstance(mapping, dict) and mapping.get(_TEXT):
        return Reply({"valid": True, "configurationErrors": []})
    missing = {
        "fieldKey": _TEXT,
        "title": "No text",
        "message": "Choose what is to be read: words of yours, or a variable of the trigger.",
    }
    return Reply({"valid": False, "configurationErrors": [missing]})


def _quota(standing: Standing) -> Reply:
    cheapest = min(standing.prices.values(), default=0)
    left = int(standing.credits // cheapest) if cheapest else 0
    quota = {
        "featureName": "Voiceovers left",
        "currentUsage": "0",
        "limit": str(left),
        "additionalInfo": {
            "description": f"{standing.credits:g} credits; a short text costs {cheapest}. They do not expire."
        },
    }
    upgrade = {"url": standing.top_up_url, "label": "Top up"}
    return Reply(
        {
            "actionQuotaInfo": {
                "enforced": True,
                "quotaInfo": [{"plans": [], "quotas": [quota], "upgradeCta": upgrade}],
            }
        }
    )


def _refused(status: int, code: str, sentence: str) -> Reply:
    return Reply(
        {"applicationError": {"code": code, "data": {"message": sentence[:_LONGEST_REASON]}}}, status
    )


def _target(run: Run) -> Target:
    return Target(f"run:{_run_id(run)}"[:255], {"token": run.context.token})


def _run_id(run: Run) -> str:
    return f"{run.context.activation}:{run.context.action}"
