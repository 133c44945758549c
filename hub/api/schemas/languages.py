"""What languages are spoken, and how well."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Language(BaseModel):
    model_config = ConfigDict(frozen=True)

    code: str = Field(description="What to send as `language`.")
    name: str
    native_name: str
    engine: str = Field(description="The engine that speaks it on this hub.")
    tier: Literal["native", "adapted", "formant"] = Field(
        description="native: the voice was trained on it. adapted: a neighbouring language's voice speaks "
        "it. formant: rules speak it; clear, but plainly a machine."
    )
    word_error_rate: float | None = Field(
        description="Share of words heard wrong when the audio is read back (0.05 is five in a "
        "hundred); null where it is not measured."
    )


class Languages(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: list[Language]
