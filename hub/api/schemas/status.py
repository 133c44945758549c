"""What the status of a generation looks like."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.values import AudioFormat, Mode
from hub.api.schemas.instant import Instant
from hub.jobs.states import Status


class Captions(BaseModel):
    model_config = ConfigDict(frozen=True)

    srt_url: str | None = Field(description="Signed link to SubRip captions.")
    vtt_url: str | None = Field(description="Signed link to WebVTT captions.")


class Failure(BaseModel):
    model_config = ConfigDict(frozen=True)

    code: str
    message: str


class GenerationStatus(BaseModel):
    """Where a generation stands, and its audio once it is completed."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    status: Status
    mode: Mode
    language: str = Field(description="The language spoken; until it is known, the one asked for.")
    progress: float = Field(ge=0, le=1, description="The finished share of the work.")
    credits_used: float = Field(description="0 when the generation failed or was cancelled.")
    created_at: Instant
    started_at: Instant | None
    completed_at: Instant | None
    output_url: str | None = Field(
        description="Signed link to the audio, made at this call; answers GET, HEAD and Range until "
        "`output_expires_at`."
    )
    output_expires_at: Instant | None
    duration_seconds: float | None
    format: AudioFormat
    seed: int | None = Field(description="The seed used: send it again for the same voice.")
    engine: str | None
    captions: Captions
    metadata: dict[str, Any]
    error: Failure | None
    warnings: list[str]


class GenerationPage(BaseModel):
    """Generations, newest first."""

    model_config = ConfigDict(frozen=True)

    data: list[GenerationStatus]
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null on the last one."
    )


class GenerationFilter(BaseModel):
    """Which generations to list."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    limit: int = Field(20, ge=1, le=100, description="Generations on a page.")
    cursor: str | None = Field(None, max_length=400, description="`next_cursor` of the page before.")
    status: Status | None = Field(None, description="Only those in this state.")
    mode: Mode | None = Field(None, description="Only designed, or only cloned voices.")
    source: str | None = Field(
        None,
        max_length=40,
        pattern="^[a-z0-9_-]+$",
        description="Only those that came by this door, e.g. `api`.",
    )
    text: str | None = Field(None, max_length=200, description="Only those whose text has this in it.")


class AudioLink(BaseModel):
    """The query of a signed audio link, as it was handed out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    expires: str | None = Field(None, description="Unix time at which the link dies.")
    signature: str | None = Field(None, description="Proves that this hub made the link.")
    download: Literal["0", "1"] | None = Field(None, description="`1` asks the browser to save the file.")
