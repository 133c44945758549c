"""Voiceovers: speech for scenario builders, in one flat shape."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine.values import AudioFormat, Mode
from hub.api.schemas.generate import Absent
from hub.api.schemas.instant import Instant
from hub.api.schemas.status import GenerationFilter
from hub.jobs.states import Status

_ID = "^[0-9A-Za-z-]+$"


class Voiceover(BaseModel):
    """What a route answers, a callback is sent and a hook is told; every key is always there."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    status: Status
    mode: Mode
    source: str = Field(description="`api`, or the platform whose event was spoken.")
    connection_id: str | None = Field(description="The connection whose event was spoken.")
    voice_id: str | None = Field(description="The saved voice it was ordered with.")
    language: str
    format: AudioFormat
    output_url: str | None = Field(description="Signed link to the audio, good until `output_expires_at`.")
    output_expires_at: Instant | None
    download_url: str | None = Field(description="The audio by your own key or token, at any time.")
    srt_url: str | None
    vtt_url: str | None
    duration_seconds: float | None
    characters: int
    credits_used: float = Field(description="0 when it failed or was cancelled.")
    credits_remaining: float = Field(description="What the account may still spend.")
    progress: float = Field(ge=0, le=1)
    seed: int | None
    engine: str | None
    error_code: str | None
    error_message: str | None
    warnings: str = Field(description="One text, empty when there are none.")
    metadata: dict[str, Any]
    created_at: Instant
    started_at: Instant | None
    completed_at: Instant | None


class VoiceoverPage(BaseModel):
    """Newest first."""

    model_config = ConfigDict(frozen=True)

    data: list[Voiceover]
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null on the last one."
    )


class VoiceoverFilter(GenerationFilter):
    voice_id: str | None = Field(
        None, max_length=36, pattern=_ID, description="Only those of this saved voice."
    )
    connection_id: str | None = Field(
        None, max_length=36, pattern=_ID, description="Only those spoken for this connection."
    )


class CallbackFields(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    callback_url: str = Field(
        max_length=2048, description="Where to POST the voiceover once.", json_schema_extra={"format": "uri"}
    )


class HookFields(BaseModel):
    """What a Zap or a scenario wants to be told, and where."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    target_url: str = Field(max_length=2048, examples=["https://hooks.zapier.com/hooks/standard/1/2/"])
    events: list[str] | Absent = Field(
        None,
        description="Some of `generation.completed`, `generation.failed` and `generation.cancelled`; the "
        "first two when left out. In a form, separated by commas.",
    )
    mode: Mode | Absent = Field(None, description="Only designed, or only cloned voices.")
    voice_id: str | Absent = Field(
        None, max_length=36, pattern=_ID, description="Only those of this saved voice."
    )
    connection_id: str | Absent = Field(
        None, max_length=36, pattern=_ID, description="Only those spoken for this connection."
    )
    goodbye: bool = Field(
        False,
        description="Send the target DELETE when the hub drops the hook itself (Zapier pauses the Zap).",
    )

    @field_validator("events", mode="before")
    @classmethod
    def _separated(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class Hook(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    target_url: str
    events: list[str]
    mode: Mode | None
    voice_id: str | None
    connection_id: str | None
    goodbye: bool
    failing_since: Instant | None = Field(description="First failure since the last success.")
    last_delivery_at: Instant | None
    last_status: str | None = Field(description="`waiting`, `delivered` or `failed`.")
    created_at: Instant


class HookWithSecret(Hook):
    """Shown when the secret is made, and not again."""

    secret: str = Field(description="Signs what the target is sent (Standard Webhooks, `whsec_…`).")


class HookList(BaseModel):
    """Oldest first."""

    model_config = ConfigDict(frozen=True)

    data: list[Hook]
