"""One attempt at delivering one message: sign, call, judge. Schedule and record belong to the caller."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import httpx

from webhooks.exchange import BOUNDS, Answer, Bounds, exchange
from webhooks.schedule import outcome_of, parse_retry_after
from webhooks.signing import sign
from webhooks.values import Attempt, Fault, Message, Outcome

USER_AGENT: Final = "Sayhook-Webhooks/1.0"
_FINAL_FAULTS: Final = frozenset({Fault.REFUSED})


def utc_now() -> datetime:
    return datetime.now(UTC)


async def send(
    message: Message,
    *,
    client: httpx.AsyncClient,
    now: Callable[[], datetime] = utc_now,
    bounds: Bounds = BOUNDS,
) -> Attempt:
    """POST the message once and say what came of it. Never raises for what the receiver or the network does.

    `client` is one of `webhooks.guard.open_client`. The signature carries the time of this attempt; the id
    stays the same over all of them. Raises SecretMalformed or SecretMissing when our own secrets cannot
    sign.
    """
    at = now()
    headers = {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "accept": "*/*",
        # The kept part of the answer is shown as it came; compressed it would be unreadable, or a bomb.
        "accept-encoding": "identity",
        **sign(message.secrets, message.id, int(at.timestamp()), message.payload),
    }
    answer = await exchange(client, "POST", message.url, headers=headers, body=message.payload, bounds=bounds)
    return _attempt(at, answer)


def _attempt(at: datetime, answer: Answer) -> Attempt:
    if answer.status is None:
        outcome = Outcome.REFUSED if answer.fault in _FINAL_FAULTS else Outcome.RETRY
        return Attempt(at, None, answer.milliseconds, answer.error, None, outcome, fault=answer.fault)
    outcome = outcome_of(answer.status, answer.headers.get("webhook-delivery"))
    delivered = outcome is Outcome.DELIVERED
    return Attempt(
        at,
        answer.status,
        answer.milliseconds,
        None if delivered else _sentence(answer.status, outcome),
        _text(answer.body),
        outcome,
        retry_after=parse_retry_after(answer.headers.get("retry-after"), at),
        fault=None if delivered else Fault.STATUS,
    )


def _text(body: bytes) -> str:
    # PostgreSQL keeps no NUL in text.
    return body.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _sentence(status: int, outcome: Outcome) -> str:
    if outcome is Outcome.GONE:
        return f"The receiver answered {status} and wants no more messages."
    if outcome is Outcome.REFUSED:
        return f"The receiver answered {status} and declined this message."
    if 300 <= status < 400:
        return f"The receiver answered {status}. Redirects are not followed: give the final URL."
    return f"The receiver answered {status}."
