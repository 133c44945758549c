"""What the routes of connections take and answer."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub.api.schemas.generate import Absent
from hub.api.schemas.instant import Instant

_HOOK_SECRET = "What the platform shows beside its webhook, where the platform makes the secret."  # noqa: S105


class ConnectorOption(BaseModel):
    """One field of the connect form."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: str
    label: str
    help: str
    default: str | int | bool
    choices: list[str]
    required: bool


class ConnectorField(BaseModel):
    """Something to copy from the platform."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    help: str
    example: str


class ConnectorShown(BaseModel):
    """A platform that can be connected."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    summary: str
    auth: str = Field(description="`none`, `key`, `oauth2` or `client_credentials`.")
    address: ConnectorField | None
    credentials: list[ConnectorField]
    needs_hook_secret: bool
    options: list[ConnectorOption]
    events: dict[str, str] = Field(description="The events it acts on, and what they tell of.")


class ConnectorList(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[ConnectorShown]


class ChoiceShown(BaseModel):
    """Something to pick: the option's value, and how the platform calls it."""

    model_config = ConfigDict(frozen=True)

    value: str
    label: str


class ChoiceList(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[ChoiceShown]


class ConnectionFields(BaseModel):
    """A platform to connect; `GET /v1/connectors` says what each one needs."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    connector: str = Field(max_length=40, examples=["woocommerce"])
    name: str | Absent = Field(None, max_length=100, description="For you.")
    address: str | Absent = Field(None, max_length=2000, description="Where the shop or site is.")
    credentials: dict[str, Any] | Absent = Field(None, description="What the platform gave you.")
    options: dict[str, Any] = Field(default_factory=dict, description="What is read, how, and when.")
    hook_secret: str | Absent = Field(None, max_length=500, description=_HOOK_SECRET)


class AuthoriseFields(BaseModel):
    """A platform whose own pages ask the owner; with `connection_id` that connection is let in again."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    connector: str = Field(max_length=40, examples=["webflow"])
    name: str | Absent = Field(None, max_length=100, description="For you.")
    address: str | Absent = Field(None, max_length=2000, description="Where the shop or site is.")
    options: dict[str, Any] = Field(default_factory=dict, description="What is read, how, and when.")
    connection_id: str | Absent = Field(None, max_length=36)


class ConnectionChanges(BaseModel):
    """What is left out stays as it is; of the options, only those that are given change."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str | Absent = Field(None, max_length=100)
    address: str | Absent = Field(None, max_length=2000)
    credentials: dict[str, Any] | Absent = None
    options: dict[str, Any] = Field(default_factory=dict)
    hook_secret: str | Absent = Field(None, max_length=500, description=_HOOK_SECRET)


class ConnectionShown(BaseModel):
    """A connection; its credentials are never shown."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    connector: str
    name: str
    address: str
    status: str = Field(description="`live`, `paused` or `broken`.")
    sentence: str | None = Field(description="Why it is not live, and what to do.")
    options: dict[str, Any]
    hook_url: str | None = Field(
        description="Where the platform sends its events. An address that is itself the secret is shown only "
        "to keys with `connections:write`."
    )
    hook_secret: str | None = Field(
        None, description="Only when just made, for platforms where you register the hook yourself."
    )
    events: dict[str, int] = Field(description="How many were spoken, ignored, failed, and put back.")
    created_at: Instant


class ConnectionList(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[ConnectionShown]


class Authorise(BaseModel):
    """Where to send the owner, who is asked by the platform and comes back connected."""

    model_config = ConfigDict(frozen=True)

    authorize_url: str
    expires_at: Instant


class PushShown(BaseModel):
    """The way back of finished audio."""

    model_config = ConfigDict(frozen=True)

    status: str = Field(description="`waiting`, `pushed` or `failed`.")
    attempts: int
    sentence: str | None
    next_at: Instant | None


class EventShown(BaseModel):
    """An event and its journey."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    name: str | None
    origin: str = Field(description="`hook`, `part`, `found` or `test`.")
    verdict: str = Field(description="`waiting`, `spoken`, `ignored` or `failed`.")
    code: str | None
    sentence: str | None
    received_at: Instant
    generation_id: str | None
    generation_status: str | None
    audio_url: str | None = Field(description="Lasting address of the audio, once there is some.")
    push: PushShown | None


class RefusalShown(BaseModel):
    """Calls of the hook that could not show who sent them."""

    model_config = ConfigDict(frozen=True)

    reason: str
    sentence: str
    count: int
    first_at: Instant
    last_at: Instant


class EventList(BaseModel):
    """Newest first."""

    model_config = ConfigDict(frozen=True)

    data: list[EventShown]
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null on the last one."
    )
    refusals: list[RefusalShown]


class EventFilter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    limit: int = Field(20, ge=1, le=100, description="At most so many.")
    before: AwareDatetime | Absent = Field(None, description="Only those that came before, RFC 3339.")
    cursor: str | None = Field(None, max_length=400, description="`next_cursor` of the page before.")
