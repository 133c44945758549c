"""Reading untrusted JSON: bytes to an object, an object to a model, a mistake to a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.errors import EventUnreadable

MAX_DEPTH: Final = 64
_FIELDS: Final = 200
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class Payload(BaseModel):
    """Base of a connector's payload models: exact types, fields we do not use are let through."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


Model = TypeVar("Model", bound=Payload)


def read_payload(model: type[Model], payload: Mapping[str, Any]) -> Model:
    """`payload` as `model`. Raises EventUnreadable, which names the first field that does not fit."""
    try:
        return model.model_validate(dict(payload))
    except ValidationError as error:
        mistake = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in mistake["loc"])
        reason = "is missing" if mistake["type"] == "missing" else "is not what the platform documents"
        raise EventUnreadable(f"The field “{place}” {reason}.") from error


def read_object(raw: bytes) -> dict[str, Any]:
    """A JSON object no deeper than MAX_DEPTH, its texts fit for a database. Raises EventUnreadable."""
    try:
        found = json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise EventUnreadable("The payload is not JSON.") from error
    if not isinstance(found, dict):
        raise EventUnreadable("The payload is not a JSON object.")
    if _deeper_than(found, MAX_DEPTH):
        raise EventUnreadable(f"The payload is nested more than {MAX_DEPTH} levels deep.")
    return _storable(found) if _UNSTORABLE.search(raw) else found


def read_form(raw: bytes) -> dict[str, Any]:
    """The fields of a web form, each a text, the first where one comes twice. Raises EventUnreadable."""
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS
        )
    except ValueError as error:
        raise EventUnreadable("The payload is not a web form.") from error
    found: dict[str, Any] = _storable(dict(reversed(pairs)))
    return found


def at_path(payload: Mapping[str, Any], path: Sequence[str]) -> str | None:
    """The text or number at `path`; strings on the way are read as JSON. None when there is none."""
    found: Any = payload
    for name in path:
        if isinstance(found, str):
            found = _inner(found)
        found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return str(found)


def instant(written: object) -> datetime | None:
    """An ISO 8601 time with its offset (`2025-05-28T04:44:33.216Z`); None for anything else."""
    if not isinstance(written, str):
        return None
    try:
        found = datetime.fromisoformat(written)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _storable(value: Any) -> Any:
    """Without NUL, and with lone surrogates (half an emoji, cut off by the sender) made visible."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(inner) for key, inner in value.items()}
    return value


def _inner(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _deeper_than(value: Any, depth: int) -> bool:
    level: list[Any] = [value]
    for _ in range(depth):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True
