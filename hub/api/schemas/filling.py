"""What the routes take and answer that speak what was on a platform before it was connected."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class FillPrice(BaseModel):
    """What speaking everything that is there would cost."""

    model_config = ConfigDict(frozen=True)

    total: int = Field(description="How many things there are.")
    seen: int = Field(description="How many were looked at; of a large catalogue the rest is reckoned.")
    to_speak: int = Field(description="Of those, how many would be spoken.")
    unchanged: int = Field(description="How many already sound as they would, and cost nothing.")
    left_out: int = Field(description="How many the connection's options leave out.")
    unreadable: int = Field(description="How many do not fit the template.")
    credits: int = Field(description="What all of it costs.")
    balance: int = Field(description="What the account has.")


class FillAgreed(BaseModel):
    """The price that was agreed to."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    credits: int = Field(ge=0, le=2**53, description="Refused when it costs more by now.")
