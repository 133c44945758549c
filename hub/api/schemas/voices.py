"""What the routes of saved voices take and answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from engine.values import Mode
from hub.api.schemas.generate import Absent, Binary, Seed
from hub.api.schemas.instant import Instant


class VoiceFields(BaseModel):
    """A voice to keep: described, or (in a multipart form) cloned from a recording."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    name: str = Field(
        min_length=1, max_length=100, description="Unique in the account.", examples=["Narrator"]
    )
    voice_description: str | Absent = Field(None, max_length=1000, description="The voice, in plain English.")
    seed: Seed | Absent = Field(None, description="Fixes one of the voices that fit the description.")
    voice_ref_text: str | Absent = Field(None, max_length=2000, description="What is said in `voice_ref`.")
    preview_id: str | Absent = Field(
        None,
        max_length=36,
        description="A preview of `POST /v1/voices/design`, or any other generation of a designed voice: its "
        "description and seed are kept.",
        json_schema_extra={"format": "uuid"},
    )
    consent: str | Absent = Field(
        None,
        min_length=10,
        max_length=1000,
        description="Required with `voice_ref`: who is heard in the recording, and that they agree to have "
        "their voice cloned. Kept with the voice.",
        examples=["I am the speaker in this recording and agree to have my voice cloned. Ada Byron"],
    )


class VoiceForm(VoiceFields):
    voice_ref: Binary = Field(
        None,
        description="The voice to clone: a WAV, MP3, FLAC or Ogg file of at least 5 seconds and 16 kHz, "
        "under 10 MB.",
    )


class Voice(BaseModel):
    """A saved voice. Send its `id` as `voice_id`."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    name: str
    mode: Mode
    voice_description: str | None
    seed: int | None
    consent: str | None
    created_at: Instant


class SavedNow(Voice):
    """A voice that was just saved."""

    warnings: list[str] = Field(
        description="What of the recording will hurt the clone, each with its mend: noise, clipping."
    )


class VoiceList(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[Voice]
