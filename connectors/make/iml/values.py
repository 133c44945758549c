"""The values of expressions: JSON's, instants, bytes, and `undefined`, which is left out of what is sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final, final


@final
class Undefined:
    """What is not there. There is one of it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "undefined"

    def __bool__(self) -> bool:
        return False


UNDEFINED: Final = Undefined()


def is_empty(value: Any) -> bool:
    """What `ifempty` takes for nothing: false and 0 are something."""
    return value is UNDEFINED or value is None or (isinstance(value, str) and value == "")


def is_true(value: Any) -> bool:
    """As in JavaScript: collections and arrays are true, also empty ones."""
    return bool(value) or isinstance(value, (dict, list, tuple, bytes))


def text_of(value: Any) -> str:
    """The value inside a longer text, where nothing is no characters."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case dict() | list() | tuple():
            return json_of(value)
        case bytes():
            return value.decode("utf-8", "replace")
    return "" if is_empty(value) else str(value)


def json_of(value: Any) -> str:
    return json.dumps(jsonable(value), ensure_ascii=False, separators=(",", ":"))


def jsonable(value: Any) -> Any:
    """As it stands in a JSON body: members that are undefined are not there, instants are texts."""
    match value:
        case dict():
            return {name: jsonable(one) for name, one in value.items() if one is not UNDEFINED}
        case list() | tuple():
            return [None if one is UNDEFINED else jsonable(one) for one in value]
        case datetime() | bytes():
            return text_of(value)
        case float() if value.is_integer():
            return int(value)
    return None if value is UNDEFINED else value


def member(value: Any, name: str) -> Any:
    """A collection's member, whatever the case of a header's name; undefined of anything else."""
    return value.get(name, UNDEFINED) if isinstance(value, dict) else UNDEFINED


def item(value: Any, index: Any) -> Any:
    """Arrays count from 1."""
    if not isinstance(value, (list, tuple)) or isinstance(index, bool) or not isinstance(index, (int, float)):
        return UNDEFINED
    place = int(index) - 1
    return value[place] if 0 <= place < len(value) else UNDEFINED
