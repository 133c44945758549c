"""The characters of an expression, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from connectors.make.iml.errors import ImlError

Kind: TypeAlias = Literal["name", "number", "text", "sign", "end"]

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_]\w*)
      | `(?P<quoted>[^`]+)`
      | '(?P<single>(?:[^'\\]|\\.)*)'
      | "(?P<double>(?:[^"\\]|\\.)*)"
      | (?P<sign>&&|\|\||!=|<=|>=|==|[=<>+\-*/%!()\[\].,])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """`value` is the text itself for names and texts, the digits of a number, or the sign."""

    kind: Kind
    value: str
    at: int


def tokens(expression: str) -> Iterator[Token]:
    """Ends with one token of the kind `end`. Raises ImlError at a character that begins none."""
    at = 0
    while at < len(expression.rstrip()):
        found = _TOKEN.match(expression, at)
        if found is None:
            raise ImlError(f"{expression!r} cannot be read from character {at + 1} on.")
        yield _token(found)
        at = found.end()
    yield Token("end", "", at)


def _token(found: re.Match[str]) -> Token:
    group, value = found.lastgroup or "", found.group(found.lastgroup or 0)
    if group in ("single", "double"):
        return Token("text", _ESCAPE.sub(r"\1", value), found.start())
    if group == "quoted":  # a name with characters that names do not have: headers.`content-type`
        return Token("name", value, found.start())
    kind: Kind = "number" if group == "number" else "name" if group == "name" else "sign"
    return Token(kind, value, found.start())
