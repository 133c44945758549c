"""What a user filled in, held against the fields of the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from connectors.make.errors import MakeError
from connectors.make.iml.values import UNDEFINED, is_empty

_NUMBERS: Final = (int, float)
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "text": (str,),
    "password": (str,),
    "filename": (str,),
    "url": (str,),
    "email": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "uinteger": (int,),
    "number": _NUMBERS,
    "buffer": (bytes,),
    "array": (list,),
    "collection": (dict,),
    "date": (datetime, str),
}


def filled_in(fields: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` with the defaults of what was left out. What stays empty is not there.

    Raises MakeError of the kind DataError, as Make stops a module whose fields are not filled in rightly.
    """
    known = {field["name"] for field in fields}
    if strange := sorted(given.keys() - known):
        raise MakeError("DataError", f"There is no field {strange[0]}.")
    filled = {field["name"]: _checked(field, _value(field, given)) for field in fields}
    return {name: value for name, value in filled.items() if value is not UNDEFINED}


def _value(field: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    value = given.get(field["name"], UNDEFINED)
    if value is not UNDEFINED:
        return value
    chosen = [one["value"] for one in _listed(field) if one.get("default")]
    return field.get("default", (chosen if field.get("multiple") else UNDEFINED) if chosen else UNDEFINED)


def _checked(field: Mapping[str, Any], value: Any) -> Any:
    name = field.get("label", field["name"])
    if is_empty(value):
        if field.get("required"):
            raise MakeError("DataError", f"Missing value of required parameter '{name}'.")
        return UNDEFINED
    wanted = _KINDS.get(field["type"])
    is_wrong_truth = isinstance(value, bool) and wanted is not None and bool not in wanted
    if wanted is not None and (not isinstance(value, wanted) or is_wrong_truth):
        raise MakeError("DataError", f"Invalid {field['type']} in parameter '{name}'.")
    _check_bounds(field, value, name)
    return value


def _check_bounds(field: Mapping[str, Any], value: Any, name: str) -> None:
    """`validate` bounds numbers, and the lengths of texts; a list must hold what is offered."""
    size = len(value) if isinstance(value, (str, bytes, list)) else value
    bounds = field.get("validate", {})
    if isinstance(size, _NUMBERS) and not bounds.get("min", size) <= size <= bounds.get("max", size):
        raise MakeError("DataError", f"Parameter '{name}' is out of bounds.")
    offered = [one["value"] for one in _listed(field)]
    chosen = value if isinstance(value, list) else [value]
    if field["type"] == "select" and offered and not all(one in offered for one in chosen):
        raise MakeError("DataError", f"Parameter '{name}' must be one of {', '.join(map(str, offered))}.")


def _listed(field: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The options written in the field; an RPC's are not known here."""
    options = field.get("options")
    return options if isinstance(options, list) else []
