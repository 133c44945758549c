"""What the routes of webhook endpoints take and answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from hub.api.schemas.generate import Absent
from hub.api.schemas.instant import Instant

_EVENTS = "Which events to send; all of them when left out. In a form, separated by commas."


class WebhookFields(BaseModel):
    """Where to send events."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    url: str = Field(max_length=2048, description="An https address.", examples=["https://example.com/hook"])
    events: list[str] | Absent = Field(None, description=_EVENTS, examples=[["generation.completed"]])
    description: str | Absent = Field(None, max_length=200, description="For you.")
    signature: Literal["v1", "v1a"] = Field(
        "v1",
        description="How its messages are signed: `v1` with a secret that both sides know, `v1a` with a key "
        "(Ed25519) of which you are given the public half. It stays as it was made.",
    )

    @field_validator("events", mode="before")
    @classmethod
    def _separated(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class WebhookChanges(WebhookFields):
    """What is left out stays as it is."""

    url: str | Absent = Field(None, max_length=2048, description="An https address.")  # type: ignore[assignment]  # optional here
    enabled: bool | Absent = Field(
        None, description="Switch the endpoint on or off; on again forgets its failures."
    )


class Webhook(BaseModel):
    """An endpoint."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    url: str
    events: list[str]
    description: str
    enabled: bool
    disabled_reason: str | None = Field(description="Why it was switched off.")
    failing_since: Instant | None = Field(description="First failure since the last success.")
    public_key: str | None = Field(
        description="Verifies its messages where they are signed by `v1a` (`whpk_…`)."
    )
    created_at: Instant


class WebhookWithSecret(Webhook):
    """Shown when the secret is made, and not again."""

    secret: str | None = Field(
        description="Signs its messages (Standard Webhooks, `whsec_…`); null where a public key is enough."
    )


class WebhookList(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[Webhook]


class WebhookAttempt(BaseModel):
    """One try at a message."""

    model_config = ConfigDict(frozen=True)

    at: Instant
    status: int | None = Field(description="What the receiver answered, if it did.")
    milliseconds: int
    error: str | None
    response: str | None = Field(description="The first 4 kB of the answer.")


class WebhookMessage(BaseModel):
    """A message and what its tries met, oldest first."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="The same as the header webhook-id.", json_schema_extra={"format": "uuid"})
    event: str
    status: str = Field(description="`waiting`, `delivered` or `failed`.")
    generation_id: str | None
    created_at: Instant
    next_at: Instant | None = Field(description="When it is tried again.")
    attempts: list[WebhookAttempt]


class WebhookMessages(BaseModel):
    """Newest first."""

    model_config = ConfigDict(frozen=True)

    data: list[WebhookMessage]


class MessageFilter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    limit: int = Field(50, ge=1, le=200, description="At most so many.")
    status: str | Absent = Field(
        None, pattern="^(waiting|delivered|failed)$", description="`waiting`, `delivered` or `failed`."
    )


class ReplayFields(BaseModel):
    """One message by its id, or all that failed since a time."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: str | Absent = Field(None, max_length=36, description="One message.")
    since: AwareDatetime | Absent = Field(None, description="All messages from here on, RFC 3339.")
    until: AwareDatetime | Absent = Field(None, description="Up to here; now when left out.")
    delivered_too: bool = Field(False, description="Also those that arrived.")


class Replayed(BaseModel):
    model_config = ConfigDict(frozen=True)

    replayed: int = Field(description="Messages that are being sent again; at most 1000 at a time.")
