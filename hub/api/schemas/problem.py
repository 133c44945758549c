"""The shape of every refusal."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(description="Names the kind of problem.", json_schema_extra={"format": "uri"})
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What was wrong with this request and how to mend it.")
    code: str = Field(description="The kind of problem, for programs.")
    request_id: str = Field(description="Also in the header X-Request-Id; quote it when you ask for help.")
