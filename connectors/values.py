"""The frozen values that cross a connector's edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from engine.longform import Part
from engine.values import SpeechRequest


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """A delivery whose sender is known, read and named.

    `headers` have lower-case names; only what the scheme signs is authenticated, the rest are hints.
    `delivery_id` is the same when the platform sends the same delivery again.
    """

    connector: str
    connection_id: str
    name: str
    delivery_id: str
    headers: Mapping[str, str]
    payload: Mapping[str, Any]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is not spoken, and why, in a sentence for the owner."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The owner took our app off the platform, so the credentials are dead.

    With `erase` nothing of the connection may be kept: no text, no audio, no row. `at` is when it happened;
    a connection made anew since then is left alone, because platforms send late.
    """

    reason: str
    erase: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What on the platform the audio belongs to.

    `key` names it within a connection (`product:794`); the hub keeps the last spoken hash under it.
    `fields` are what `push` needs to find it again. `as_of` is when it was saved as it is read, where the
    platform says so: events come late and out of order, and an older text must not replace a newer one.
    `until` is how long it waits for the audio, where it does (`awaited`); after that nothing is spoken.
    """

    key: str
    fields: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SpeechOrder:
    """A speech request plus what its sender wants done with the result.

    Every door (API, connector, command line) makes one of these and hands it to `hub.jobs.accept`.
    `callback_url` receives the final status, signed. `metadata` is the sender's own JSON object, returned
    everywhere. `source` names the door: `api`, `cli` or a connector. `warnings` are what the door changed or
    ignored on the way in; they are returned with those of the engine. `parts` is the plan of a long text,
    made by `engine.longform.plan`; a short one has none. A connector's order has a `target` and the
    `spoken_hash` (`connectors.echo`) of what will be heard. `voice_id` is the saved voice it was ordered
    with; with `flat_callback` the callback is told in the flat shape of a voiceover.
    """

    request: SpeechRequest
    callback_url: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    source: str = "api"
    warnings: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    target: Target | None = None
    spoken_hash: str | None = None
    voice_id: str | None = None
    flat_callback: bool = False


Verdict: TypeAlias = SpeechOrder | Ignored | Ended
"""What comes of an event."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is on the platform, as the event that would have told us of it alone.

    `name` is one of the handled events. `delivery_id` is the same as long as the thing is. `changed_at` is
    when it was last published or saved, where the platform says so; a sweep passes over what is older.
    """

    name: str
    delivery_id: str
    payload: Mapping[str, Any]
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A page of what is there. The next one begins `after`; None: this was the last.

    `total` is how many there are in all, where the platform says so. Pages that come `newest_first`, by
    `Found.changed_at`, need not be gone through to the end for what changed since the last sweep.
    """

    found: tuple[Found, ...]
    after: str | None = None
    total: int | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What the owner may pick: the option's value, and how the platform's own pages call it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class SavedVoice:
    """A voice the owner has saved: a description, or a reference recording with how to follow it."""

    description: str | None = None
    reference: bytes | None = None
    reference_text: str | None = None
    cfg_value: float = 2.0
    inference_timesteps: int = 10
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """One owner's place on one platform.

    `address` is its base URL without a closing slash, empty where the platform has one host for all.
    `options` are checked (`connectors.options.checked`) and complete. `state` is what `connect` returned.
    `voice` is the saved voice that the option `voice` names, looked up by the hub. Credentials are not
    here: the hub attaches them to each request on its way out (`connectors.credentials`).
    """

    id: str
    connector: str
    options: Mapping[str, Any]
    address: str = ""
    state: Mapping[str, Any] = field(default_factory=dict)
    voice: SavedVoice | None = None


@dataclass(frozen=True, slots=True)
class SpeechResult:
    """Finished audio for a target.

    `output_url` is lasting and belongs to the target: it stays the same when the text is spoken anew.
    """

    generation_id: str
    output_url: str
    spoken_hash: str
    duration_seconds: float
    media_type: str
    language: str


@dataclass(frozen=True, slots=True)
class AppKeys:
    """What the platform knows this hub as."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Installed:
    """Whose installation of our app a browser brings: its credentials, and what `connect` is to start from.

    `external_id` is what the platform calls it; who comes back to one they have connected already mends that.
    """

    credentials: Mapping[str, str]
    external_id: str
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A signed call whose sender waits for the answer; `name` is one of the manifest's `asked`."""

    name: str
    payload: Mapping[str, Any]
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What the owner's account can pay for: `credits` are free to use, `prices` for each mode of speaking.

    `halted` says why the connection speaks nothing now; empty while it is live.
    """

    credits: float
    prices: Mapping[str, int]
    top_up_url: str
    halted: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer, and the event that is kept before it is given; the same delivery id is kept once."""

    json: Mapping[str, Any]
    status: int = 200
    event: Found | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a platform is to send this connection's events, and the secret to sign them with."""

    url: str
    secret: str
