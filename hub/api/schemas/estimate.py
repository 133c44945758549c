"""What `POST /v1/tts/estimate` answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.values import Mode

Route = Literal["/v1/tts/generate", "/v1/tts/longform"]


class Estimate(BaseModel):
    """The price of a request, had it been sent."""

    model_config = ConfigDict(frozen=True)

    route: Route = Field(description="Where a request with these fields goes.")
    mode: Mode
    parts: int = Field(ge=1, description="Parts of at most 500 characters; each is charged as one request.")
    characters: int = Field(description="Characters of the text as it would be spoken, the cue included.")
    price: float = Field(description="Credits this request would hold.")
    credits: float = Field(description="Credits free to spend now.")
    sufficient: bool = Field(description="Whether they are enough.")
    warnings: list[str] = Field(description="What would be ignored or changed in the request.")
