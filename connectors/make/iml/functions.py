"""The functions our app calls, as Make's documentation describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from connectors.make.iml.values import UNDEFINED, is_empty, is_true, json_of, member, text_of


def if_(condition: Any, then: Any, otherwise: Any = UNDEFINED) -> Any:
    return then if is_true(condition) else otherwise


def if_empty(value: Any, otherwise: Any) -> Any:
    return otherwise if is_empty(value) else value


def join(array: Any, separator: str) -> Any:
    if not isinstance(array, (list, tuple)):
        return UNDEFINED
    return separator.join(text_of(one) for one in array)


def add_seconds(instant: datetime, seconds: float) -> datetime:
    return instant + timedelta(seconds=seconds)


def add_minutes(instant: datetime, minutes: float) -> datetime:
    return instant + timedelta(minutes=minutes)


def to_collection(array: Any, key: str, value: str) -> Any:
    """An array of pairs as one collection; undefined when there is no array."""
    if not isinstance(array, (list, tuple)):
        return UNDEFINED
    return {text_of(member(pair, key)): member(pair, value) for pair in array}


def contains(where: Any, what: Any) -> bool:
    """A value in an array, or a text in a text; an empty text is in every text."""
    if isinstance(where, (list, tuple)):
        return what in where
    return text_of(what) in text_of(where)


def lower(text: Any) -> str:
    return text_of(text).lower()


def encode_url(text: Any) -> str:
    """For one part of a path or a query."""
    return quote(text_of(text), safe="")


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "if": if_,
        "ifempty": if_empty,
        "join": join,
        "addSeconds": add_seconds,
        "addMinutes": add_minutes,
        "toCollection": to_collection,
        "createJSON": json_of,
        "contains": contains,
        "lower": lower,
        "encodeURL": encode_url,
    }
)
