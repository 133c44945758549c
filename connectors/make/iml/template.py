"""JSON whose texts hold expressions, and what it comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from connectors.make.iml.errors import ImlError
from connectors.make.iml.evaluation import Scope, evaluate
from connectors.make.iml.parser import parse
from connectors.make.iml.values import UNDEFINED, text_of

SPREAD: Final = "{{...}}"
"""A member of this name is a collection whose members stand in its place."""

_EXPRESSION: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def rendered(value: Any, scope: Scope) -> Any:
    """The value with every expression worked out; members that come to undefined are left out.

    A text that is one expression and nothing else becomes its value, of whatever kind. Raises ImlError.
    """
    match value:
        case str():
            return _text(value, scope)
        case dict():
            return _collection(value, scope)
        case list():
            return [one for one in (rendered(part, scope) for part in value) if one is not UNDEFINED]
    return value


def expressions_of(value: Any) -> Iterator[str]:
    """Every expression in a JSON value. Raises ImlError where braces do not pair."""
    match value:
        case str():
            _check_braces(value)
            yield from (found for found in _EXPRESSION.findall(value) if found.strip() != "...")
        case dict():
            for name, one in value.items():
                yield from expressions_of(name)
                yield from expressions_of(one)
        case list():
            for one in value:
                yield from expressions_of(one)


def _text(value: str, scope: Scope) -> Any:
    _check_braces(value)
    if (whole := _EXPRESSION.fullmatch(value)) and "{{" not in whole.group(1):
        return evaluate(parse(whole.group(1).strip()), scope)
    return _EXPRESSION.sub(lambda found: text_of(evaluate(parse(found.group(1).strip()), scope)), value)


def _collection(value: dict[str, Any], scope: Scope) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, one in value.items():
        result = rendered(one, scope)
        if name == SPREAD:
            made.update(result if isinstance(result, dict) else {})
        elif result is not UNDEFINED:
            made[_name(name, scope)] = result
    return made


def _name(name: str, scope: Scope) -> str:
    return text_of(rendered(name, scope)) if "{{" in name else name


def _check_braces(value: str) -> None:
    rest = _EXPRESSION.sub("", value)
    if "{{" in rest or "}}" in rest:
        raise ImlError(f"{value!r} opens or closes braces that do not pair.")
