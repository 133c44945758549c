"""Reading request headers strictly: names in any case, a repeated one refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from webhooks.errors import HeaderMissing, HeaderRepeated

HeaderSource: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]
"""A mapping (Starlette's keeps repeated headers in `items()`) or name and value pairs."""


def optional(headers: HeaderSource, name: str) -> str | None:
    """The value of the one header called `name`, stripped, or None. Raises HeaderRepeated."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    values = [value for key, value in pairs if key.lower() == name.lower()]
    if len(values) > 1:
        raise HeaderRepeated(f"The header {name} came more than once.")
    return values[0].strip() if values else None


def required(headers: HeaderSource, name: str) -> str:
    """The value of the one header called `name`. Raises HeaderMissing (absent or empty), HeaderRepeated."""
    value = optional(headers, name)
    if not value:
        raise HeaderMissing(f"The header {name} is missing.")
    return value
