"""What an expression comes to in a scope."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from connectors.make.iml.errors import ImlError
from connectors.make.iml.functions import FUNCTIONS
from connectors.make.iml.syntax import Binary, Call, Expression, Item, Literal, Member, Name, Unary
from connectors.make.iml.values import UNDEFINED, is_true, item, member, text_of

Scope: TypeAlias = Mapping[str, Any]
"""The variables. One that is a function without parameters is called each time it is named: `now`."""

_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COUNTED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


def evaluate(tree: Expression, scope: Scope) -> Any:
    """Names that are not in the scope are undefined. Raises ImlError for an unknown function."""
    match tree:
        case Literal():
            return tree.value
        case Name():
            value = scope.get(tree.name, UNDEFINED)
            return value() if callable(value) else value
        case Member():
            return member(evaluate(tree.of, scope), tree.name)
        case Item():
            index = 1 if tree.index is None else evaluate(tree.index, scope)
            return item(evaluate(tree.of, scope), index)
        case Call():
            return _called(tree, scope)
        case Unary():
            value = evaluate(tree.value, scope)
            return (not is_true(value)) if tree.sign == "!" else _number(value, tree.sign, lambda n: -n)
        case Binary():
            return _combined(tree, scope)


def _called(tree: Call, scope: Scope) -> Any:
    function = FUNCTIONS.get(tree.function)
    if function is None:
        raise ImlError(f"There is no function {tree.function}.")
    try:
        return function(*(evaluate(argument, scope) for argument in tree.arguments))
    except (TypeError, ValueError) as error:
        raise ImlError(f"{tree.function} cannot be called with these values: {error}.") from error


def _combined(tree: Binary, scope: Scope) -> Any:
    left = evaluate(tree.left, scope)
    if tree.sign == "&&":
        return evaluate(tree.right, scope) if is_true(left) else left
    if tree.sign == "||":
        return left if is_true(left) else evaluate(tree.right, scope)
    right = evaluate(tree.right, scope)
    if tree.sign in ("=", "!="):
        return _same(left, right) == (tree.sign == "=")
    if tree.sign in _COMPARED:
        return _comparable(left, right) and _COMPARED[tree.sign](left, right)
    if tree.sign == "+" and (isinstance(left, str) or isinstance(right, str)):
        return text_of(left) + text_of(right)
    count = operator.add if tree.sign == "+" else _COUNTED[tree.sign]
    return _number(left, tree.sign, lambda one: _number(right, tree.sign, lambda two: count(one, two)))


def _same(left: Any, right: Any) -> bool:
    """Nothing equals nothing, be it undefined or null; true is not 1."""
    if left in (None, UNDEFINED) or right in (None, UNDEFINED):
        return left in (None, UNDEFINED) and right in (None, UNDEFINED)
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _comparable(left: Any, right: Any) -> bool:
    numbers = all(isinstance(value, (int, float)) for value in (left, right))
    return numbers or any(isinstance(left, kind) and isinstance(right, kind) for kind in (str, datetime))


def _number(value: Any, sign: str, count: Callable[[Any], Any]) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ImlError(f"{sign} needs numbers, not {value!r}.")
    return count(value)
