"""What `POST /v1/tts/generate` takes and answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, field_validator
from pydantic.json_schema import SkipJsonSchema

from engine.languages import AUTO, LANGUAGES
from engine.values import MAX_TEXT_CHARACTERS, AudioFormat, Mode
from hub.api.schemas.instant import Instant

MAX_SEED = 2**31 - 1
MAX_METADATA_BYTES = 16 * 1024

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Absent = SkipJsonSchema[None]
Binary = Annotated[Any, WithJsonSchema({"type": "string", "format": "binary"})]


def lowered(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def listed_language(value: str) -> str:
    """The listed code, also of one with a region: `pt-BR` is `pt`. Raises ValueError for others."""
    code = value.lower().replace("_", "-")
    code = code if code in LANGUAGES else code.partition("-")[0]
    if code != AUTO and code not in LANGUAGES:
        raise ValueError("not a language we list")
    return code


class GenerateFields(BaseModel):
    """The fields of a speech request. In forms every value is text; an empty one counts as absent."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    text: str = Field(
        min_length=1,
        max_length=MAX_TEXT_CHARACTERS,
        description="What to speak. Cues in parentheses colour the words behind them and are not spoken: "
        "`(cheerful) Good morning! [pause 1s] (whispering) Come closer.`",
        examples=["(warm, slow) Good morning, and welcome."],
    )
    language: str = Field(
        AUTO,
        description="`auto` finds the language; otherwise a code of `GET /v1/languages`.",
        json_schema_extra={"enum": [AUTO, *LANGUAGES]},
    )
    voice_description: str | Absent = Field(
        None,
        max_length=1000,
        description="The voice to design, in plain English.",
        examples=["A calm woman in her thirties with a low, warm voice"],
    )
    voice_ref_text: str | Absent = Field(
        None,
        max_length=2000,
        description="What is said in `voice_ref`, the recording of the voice to clone; helps some engines.",
    )
    voice_id: str | Absent = Field(
        None,
        max_length=36,
        description="A voice saved with `POST /v1/voices`, instead of a description or a recording.",
        json_schema_extra={"format": "uuid"},
    )
    cfg_value: float = Field(
        2.0, ge=0.5, le=5.0, allow_inf_nan=False, description="How closely a clone keeps to the reference."
    )
    inference_timesteps: int = Field(
        10, ge=4, le=20, description="Rounds of refinement of a clone: more is closer and slower."
    )
    seed: Seed | Absent = Field(
        None,
        description="The same request with the same seed on the same engine gives the same bytes (the same "
        "samples for a clone, whose file names its generation).",
    )
    format: AudioFormat = Field(AudioFormat.WAV, description="The form of the audio file.")
    callback_url: str | Absent = Field(
        None,
        max_length=2048,
        description="An https address that receives the final status, signed as Standard Webhooks are.",
        json_schema_extra={"format": "uri"},
    )
    metadata: dict[str, Any] = Field(
        default_factory=dict,
        description="Your own JSON object of at most 16 KB, returned with every status and callback. "
        "In a form: the object written as JSON.",
        examples=[{"order": "A-1042"}],
    )

    @field_validator("seed", "inference_timesteps", "cfg_value", mode="before")
    @classmethod
    def _no_truth_values(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError("a truth value is not a number")
        return value

    _format = field_validator("format", mode="before")(lowered)
    _language = field_validator("language")(listed_language)


class GenerateForm(GenerateFields):
    """The same fields, and the recording that only a multipart form can carry."""

    voice_ref: Binary = Field(
        None,
        description="The voice to clone: a WAV, MP3, FLAC or Ogg file of at least 5 seconds and 16 kHz, "
        "under 10 MB.",
    )


class Accepted(BaseModel):
    """A generation that waits for its turn."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    status: Literal["queued"]
    credits_used: float = Field(description="Credits held for this request; spent once it is completed.")
    mode: Mode
    status_url: str = Field(json_schema_extra={"format": "uri"})
    created_at: Instant
    warnings: list[str] = Field(description="What was ignored or changed in the request.")
    stream_url: str = Field(
        json_schema_extra={"format": "uri"},
        description="Signed link to the audio, sent while it is being made; add `format` for another form.",
    )
