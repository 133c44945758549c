"""Reading request headers strictly: names in any case, a repeated one refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from webhooks.errors import HeaderMissing, HeaderRepeated

HeaderSource: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]
"""A mapping (Starlette's keeps repeated headers in `items()`) or name and value pairs."""

HeaderName: TypeAlias = str | Sequence[str]
"""One name, or the names a platform has for the same header (`X-Shopify-Topic` and `Shopify-Topic`)."""


def optional(headers: HeaderSource, name: str) -> str | None:
    """The value of the one header called `name`, stripped, or None. Raises HeaderRepeated."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    values = [value for key, value in pairs if key.lower() == name.lower()]
    if len(values) > 1:
        raise HeaderRepeated(f"The header {name} came more than once.")
    return values[0].strip() if values else None


def required(headers: HeaderSource, name: HeaderName) -> str:
    """The value of the one header called `name`. Raises HeaderMissing (absent or empty), HeaderRepeated."""
    value = first(headers, name)
    if not value:
        raise HeaderMissing(f"The header {name if isinstance(name, str) else name[0]} is missing.")
    return value


def first(headers: HeaderSource, name: HeaderName) -> str | None:
    """The value under the first of the names that is there, or None. Raises HeaderRepeated."""
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    found = (optional(pairs, one) for one in ([name] if isinstance(name, str) else name))
    return next((value for value in found if value), None)
