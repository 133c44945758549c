"""The tree of an expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name`"""

    of: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """`of[index]`, counted from 1; without an index the first."""

    of: Expression
    index: Expression | None


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    sign: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    sign: str
    left: Expression
    right: Expression


Expression: TypeAlias = Literal | Name | Member | Item | Call | Unary | Binary
