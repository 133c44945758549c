"""Instants in answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, PlainSerializer

from hub.instants import rfc3339

Instant = Annotated[
    datetime, PlainSerializer(rfc3339, return_type=str), Field(examples=["2026-11-22T18:20:00.125Z"])
]
"""RFC 3339 in UTC, with Z."""
