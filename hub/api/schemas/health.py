"""What the probes answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Alive(BaseModel):
    """The process answers."""

    model_config = ConfigDict(frozen=True)

    status: Literal["ok"]


class Ready(BaseModel):
    """Every part that a generation needs is there."""

    model_config = ConfigDict(frozen=True)

    status: Literal["ready"]
