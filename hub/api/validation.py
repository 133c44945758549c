"""Values against a schema, and the sentence for the first one that does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from hub.errors import Unprocessable

Model = TypeVar("Model", bound=BaseModel)

_SHOWN_VALUE = 40


def validated(model: type[Model], values: Mapping[str, Any]) -> Model:
    """A None counts as absent. Raises Unprocessable, naming the field and what it may be."""
    try:
        return model.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        _refuse(model, error)


def _refuse(model: type[BaseModel], error: ValidationError) -> NoReturn:
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        fields = ", ".join(model.model_fields)
        raise Unprocessable(name[:_SHOWN_VALUE], f"is not known here. The fields are {fields}.") from None
    raise Unprocessable(name, f"{allowed_values(model, name)}{_not_this(first['input'])}.") from None


def allowed_values(model: type[BaseModel], name: str) -> str:
    """In words what a field of `model` may be, e.g. `must be a number from 0.5 to 5.0`."""
    schema = model.model_json_schema()
    given = _without_reference(schema["properties"][name], schema)
    if "enum" in given:
        return f"must be one of {', '.join(str(choice) for choice in given['enum'])}"
    if "minimum" in given:
        kind = "a whole number" if given["type"] == "integer" else "a number"
        return f"must be {kind} from {given['minimum']} to {given['maximum']}"
    if given.get("type") == "object":
        return "must be a JSON object"
    return (
        f"must be a text of at most {given['maxLength']} characters"
        if "maxLength" in given
        else "must be a text"
    )


def _without_reference(given: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of one property; of one that may be null, what it is otherwise."""
    for choice in given.get("anyOf", ()):
        if choice.get("type") != "null":
            return _without_reference(choice, schema)
    for part in (*given.get("allOf", ()), given):
        if "$ref" in part:
            found: dict[str, Any] = schema["$defs"][part["$ref"].rpartition("/")[2]]
            return found
    return given


def _not_this(value: object) -> str:
    if isinstance(value, str | int | float) and len(str(value)) <= _SHOWN_VALUE and str(value).isprintable():
        return f", not {value}"
    return ""
