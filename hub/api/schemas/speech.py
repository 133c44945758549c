"""What `POST /v1/audio/speech` takes: the fields of OpenAI's route of that name, and two of ours."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, field_validator

from engine.audio.live import LiveFormat
from engine.languages import AUTO, LANGUAGES
from hub.api.schemas.generate import Absent, Seed, listed_language, lowered

MAX_INPUT = 4096

VoiceName = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": 1000},
                {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
            ]
        }
    ),
]


class SpeechFields(BaseModel):
    """A speech request as clients of OpenAI's interface send it."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    model: str = Field(
        "sayhook", max_length=100, description="Any name: the hub's own engine speaks.", examples=["tts-1"]
    )
    input: str = Field(
        min_length=1,
        max_length=MAX_INPUT,
        description="What to speak. Above 500 characters it is spoken and charged in parts, as long form is.",
        examples=["Good morning, and welcome."],
    )
    voice: VoiceName = Field(
        None,
        description="A saved voice's id or name, a stock voice's name (`af_heart`), one of OpenAI's "
        "(`alloy`), or a description in plain English. May be left out by an account with a default voice.",
        examples=["alloy"],
    )
    instructions: str | Absent = Field(
        None, max_length=1000, description="How to speak, in plain English; the voice stays who it is."
    )
    response_format: LiveFormat = Field(
        LiveFormat.MP3,
        description="The form of the audio; `pcm` is bare 16-bit samples, mono, 24 kHz. There is no `aac`.",
    )
    speed: float = Field(1.0, ge=0.25, le=4.0, allow_inf_nan=False, description="Multiplies the pace.")
    stream_format: Literal["audio", "sse"] = Field(
        "audio", description="`sse` wraps the audio into server-sent events, in base64."
    )
    language: str = Field(
        AUTO,
        description="`auto`, or a code of `GET /v1/languages`. Not in OpenAI's interface.",
        json_schema_extra={"enum": [AUTO, *LANGUAGES]},
    )
    seed: Seed | Absent = Field(
        None, description="Fixes the voice of a description. Not in OpenAI's interface."
    )

    _formats = field_validator("response_format", "stream_format", mode="before")(lowered)
    _language = field_validator("language")(listed_language)


class StreamFilter(BaseModel):
    """The query of a live stream."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: LiveFormat | None = Field(
        None, description="The form of the audio; the generation's own when absent."
    )
    expires: str | None = Field(None, description="Unix time at which a signed link dies.")
    signature: str | None = Field(
        None, description="Proves that this hub made the link; stands in for a key."
    )
