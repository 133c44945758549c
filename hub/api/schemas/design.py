"""What `POST /v1/voices/design` takes and answers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine.languages import AUTO, LANGUAGES
from engine.values import MAX_TEXT_CHARACTERS, AudioFormat
from hub.api.schemas.generate import Absent, Seed, listed_language, lowered
from hub.api.schemas.instant import Instant

SAMPLE = "Hello! This is how I sound. I can tell a story, or read your news at half past seven."
"""What previews say when no text was sent."""

MOST_PREVIEWS = 5


class DesignFields(BaseModel):
    """A voice to try out before it is kept."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    voice_description: str = Field(
        min_length=1,
        max_length=1000,
        description="The voice, in plain English.",
        examples=["A calm woman in her thirties with a low, warm voice"],
    )
    text: str = Field(
        SAMPLE, min_length=1, max_length=MAX_TEXT_CHARACTERS, description="What the previews say."
    )
    language: str = Field(
        AUTO,
        description="The language of `text`: `auto`, or a code of `GET /v1/languages`.",
        json_schema_extra={"enum": [AUTO, *LANGUAGES]},
    )
    count: int = Field(3, ge=1, le=MOST_PREVIEWS, description="How many voices to hear.")
    seed: Seed | Absent = Field(
        None, description="Seed of the first preview; the others count up from it. By chance when absent."
    )
    format: AudioFormat = Field(AudioFormat.WAV, description="The form of the audio files.")

    _language = field_validator("language")(listed_language)
    _format = field_validator("format", mode="before")(lowered)


class Preview(BaseModel):
    """One voice that fits the description; `seed` brings it back."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    seed: int
    status_url: str = Field(json_schema_extra={"format": "uri"})


class Previews(BaseModel):
    """Voices being spoken, each a generation of its own."""

    model_config = ConfigDict(frozen=True)

    voice_description: str
    text: str
    credits_used: float = Field(description="Credits held for all previews together.")
    created_at: Instant
    previews: list[Preview]
    warnings: list[str]
