"""What an account may know about itself."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from hub.api.schemas.instant import Instant


class AccountLimits(BaseModel):
    model_config = ConfigDict(frozen=True)

    requests_per_minute: int
    concurrent: int = Field(description="Generations spoken at one time; further ones wait.")


class Account(BaseModel):
    """The account behind the key."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(json_schema_extra={"format": "uuid"})
    email: str
    plan: str
    credits: float = Field(description="Credits free to spend.")
    held: float = Field(description="Credits held for generations that are not finished.")
    low_credit_below: float = Field(description="With fewer unspent credits the owner is warned.")
    low_credit_since: Instant | None = Field(description="Since when they are fewer; null while not.")
    limits: AccountLimits


class SigningSecret(BaseModel):
    """The secret that signs this account's callbacks."""

    model_config = ConfigDict(frozen=True)

    signing_secret: str = Field(description="A Standard Webhooks secret, `whsec_…`.")


class UsageFilter(BaseModel):
    """How far back to look."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    days: int = Field(30, ge=1, le=366, description="Days to look back, today included, in UTC.")


class UsageDay(BaseModel):
    model_config = ConfigDict(frozen=True)

    date: date
    generations: int = Field(description="Generations completed on this day.")
    credits_used: float


class Usage(BaseModel):
    """Credits spent a day (UTC), oldest first; days without any are left out."""

    model_config = ConfigDict(frozen=True)

    days: list[UsageDay]
    generations: int
    credits_used: float
