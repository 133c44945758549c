"""The contract: what a connector's folder holds, and every name its code may want.

    connectors/<name>/
        connector.toml    what it is: links, auth, verification, events, options (`connectors.manifest`)
        __init__.py       the functions below; all are pure
        README.md         for the person clicking
        icon.svg
        fixtures/         <event>__<case>.json: real payloads, the expected order, the expected pushes
        simulator.py      optional: behaves as the platform's API does (`connectors.simulation`)

`parse` and `push` are required where there is a hook, `push` alone where there is none. `connect` and
`disconnect` come together, where hooks can be registered for the owner. `greet` answers what a platform
sends unsigned to see whether somebody is there; it must change nothing. `arrive` belongs to a platform that
signs the browsers it sends us, `installed` to one whose app is installed on a page of its own, and `reply`
to one that asks and waits for the answer; `backfill` finds what was there before we were, and what was
announced and did not arrive. `withdraw` takes the audio off again. `split` belongs where one delivery tells
of several things, `fetch` where an event does not hold all that is read, and `choices` to options of the type
`pick`, chosen among what the owner has there. `awaited` and `fail` belong together, where a sender waits for
the audio and must be told when there will be none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from connectors.errors import (
    ArrivalRefused,
    ConnectionBroken,
    EventUnreadable,
    MappingFailed,
    PushFailed,
    PushRefused,
    TargetGone,
    TryAgain,
)
from connectors.flow import Flow, Request, Response, accepted
from connectors.payload import Payload, instant, read_payload
from connectors.speech import compose
from connectors.values import (
    AppKeys,
    Batch,
    Choice,
    Connection,
    Ended,
    Found,
    Hook,
    Ignored,
    InboundEvent,
    Installed,
    Question,
    Reply,
    SpeechOrder,
    SpeechResult,
    Standing,
    Target,
    Verdict,
)


class Parse(Protocol):
    """Raises EventUnreadable or MappingFailed, and nothing else, whatever the payload."""

    def __call__(self, event: InboundEvent, connection: Connection) -> Verdict: ...


class Push(Protocol):
    """Puts the audio where it belongs. May run again after it succeeded: it must be idempotent."""

    def __call__(self, connection: Connection, target: Target, result: SpeechResult) -> Flow[None]: ...


class Connect(Protocol):
    """Proves the credentials by a real call, registers the hook, and returns the connection's new state.

    May run again on a live connection: it must not leave a second hook. Where the hook is shared the state
    has `external_id`, which is what `connection_from` finds in this connection's deliveries.
    """

    def __call__(self, connection: Connection, hook: Hook) -> Flow[Mapping[str, Any]]: ...


class Disconnect(Protocol):
    """Takes back what `connect` registered; what is already gone is no error."""

    def __call__(self, connection: Connection) -> Flow[None]: ...


class Withdraw(Protocol):
    """Takes the audio off what `push` put it on; where something else is by now, that stays.

    It runs when the owner disconnects, after `disconnect`: the address plays nothing any more then.
    """

    def __call__(self, connection: Connection, target: Target, output_url: str) -> Flow[None]: ...


class Greet(Protocol):
    """The answer to an unsigned greeting, or None when it is none and must be verified."""

    def __call__(self, headers: Mapping[str, str], body: bytes) -> Response | None: ...


class Arrive(Protocol):
    """Whose browser the platform sends, to install our app or back from its authorisation screen.

    `query` is the query string as it came, `secrets` are the app's own, `now` is aware. Returns the
    connection's address. Raises ArrivalRefused; the state of RFC 6749 is the hub's to check.
    """

    def __call__(self, query: str, secrets: Sequence[str], now: datetime) -> str: ...


class FindInstalled(Protocol):
    """Whose installation a browser brings that came back from the platform's install page; `installed`.

    `query` is the query string as it came; its state is the hub's to check. Nothing of it may be believed
    that the platform did not sign or confirm. Its requests go out without credentials. Raises ArrivalRefused
    and PushFailed.
    """

    def __call__(self, query: str, app: AppKeys, now: datetime) -> Flow[Installed]: ...


class Answer(Protocol):
    """The answer to a signed question; `reply`. Pure and quick: the sender waits.

    Raises EventUnreadable and nothing else. Work is not done here but kept as the reply's `event`, one of
    the handled ones, which is then read like a delivery.
    """

    def __call__(self, question: Question, connection: Connection, standing: Standing) -> Reply: ...


class Backfill(Protocol):
    """One page of what is there, from `after` (None: from the beginning). Changes nothing."""

    def __call__(self, connection: Connection, after: str | None) -> Flow[Batch]: ...


class Split(Protocol):
    """What a delivery tells of, one by one; each part's payload is one that could have come alone.

    Like `parse` it is pure, and raises EventUnreadable and nothing else. A part, split again, is itself.
    `delivery_id` need only tell the parts of one delivery apart.
    """

    def __call__(self, event: InboundEvent) -> Sequence[Found]: ...


class Fetch(Protocol):
    """The event's payload as the platform has it now; no request for an event that `parse` ignores anyway.

    Raises what a push raises; TargetGone means there is nothing left to read. Not called for what
    `backfill` has just found.
    """

    def __call__(self, event: InboundEvent, connection: Connection) -> Flow[Mapping[str, Any]]: ...


class Choices(Protocol):
    """What the owner may pick for `option`. `connection.options` hold what is chosen so far."""

    def __call__(self, connection: Connection, option: str) -> Flow[Sequence[Choice]]: ...


class Awaited(Protocol):
    """What on the platform waits for what comes of `event`; None where nobody does.

    Like `parse` it is pure, and raises EventUnreadable and nothing else.
    """

    def __call__(self, event: InboundEvent) -> Target | None: ...


class Fail(Protocol):
    """Tells who waits at `target` that no audio will come; `reason` is a sentence for the owner, or several.

    May run again after it succeeded, and after the platform gave up waiting: neither is an error.
    """

    def __call__(self, connection: Connection, target: Target, reason: str) -> Flow[None]: ...


__all__ = [
    "Answer",
    "AppKeys",
    "ArrivalRefused",
    "Arrive",
    "Awaited",
    "Backfill",
    "Batch",
    "Choice",
    "Choices",
    "Connect",
    "Connection",
    "ConnectionBroken",
    "Disconnect",
    "Ended",
    "EventUnreadable",
    "Fail",
    "Fetch",
    "FindInstalled",
    "Flow",
    "Found",
    "Greet",
    "Hook",
    "Ignored",
    "InboundEvent",
    "Installed",
    "MappingFailed",
    "Parse",
    "Payload",
    "Push",
    "PushFailed",
    "PushRefused",
    "Question",
    "Reply",
    "Request",
    "Response",
    "SpeechOrder",
    "SpeechResult",
    "Split",
    "Standing",
    "Target",
    "TargetGone",
    "TryAgain",
    "Verdict",
    "accepted",
    "compose",
    "instant",
    "read_payload",
]
