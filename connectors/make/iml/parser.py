"""Tokens to a tree, by recursive descent: each rule of the grammar is a function.

or       = and { "||" and }
and      = equal { "&&" equal }
equal    = compare { ("=" | "==" | "!=") compare }
compare  = sum { ("<" | "<=" | ">" | ">=") sum }
sum      = product { ("+" | "-") product }
product  = unary { ("*" | "/" | "%") unary }
unary    = ("!" | "-") unary | postfix
postfix  = primary { "." name | "[" [or] "]" }
primary  = number | text | name | name "(" [or { "," or }] ")" | "(" or ")"
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from connectors.make.iml.errors import ImlError
from connectors.make.iml.lexer import Token, tokens
from connectors.make.iml.syntax import Binary, Call, Expression, Item, Literal, Member, Name, Unary
from connectors.make.iml.values import UNDEFINED

_LEVELS: Final = (("||",), ("&&",), ("=", "==", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))
_WORDS: Final = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": UNDEFINED,
    "emptystring": "",
    "emptyarray": (),
}


@lru_cache(maxsize=1024)
def parse(expression: str) -> Expression:
    """The tree of what stands between `{{` and `}}`. Raises ImlError."""
    parser = _Parser(expression)
    tree = parser.level(0)
    parser.expect("end", "")
    return tree


class _Parser:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = list(tokens(expression))
        self._at = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _taken(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _takes(self, *signs: str) -> str | None:
        if self._next.kind == "sign" and self._next.value in signs:
            return self._taken().value
        return None

    def expect(self, kind: str, value: str) -> None:
        token = self._next
        if token.kind != kind or token.value != value:
            wanted = f"{value!r}" if value else "the end"
            raise ImlError(f"{self._expression!r} needs {wanted} at character {token.at + 1}.")
        if kind != "end":
            self._at += 1

    def level(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self.level(level + 1)
        while sign := self._takes(*_LEVELS[level]):
            left = Binary("=" if sign == "==" else sign, left, self.level(level + 1))
        return left

    def _unary(self) -> Expression:
        if sign := self._takes("!", "-"):
            return Unary(sign, self._unary())
        return self._postfix()

    def _postfix(self) -> Expression:
        tree = self._primary()
        while sign := self._takes(".", "["):
            if sign == ".":
                tree = Member(tree, self._name())
            elif self._takes("]"):
                tree = Item(tree, None)
            else:
                tree = Item(tree, self.level(0))
                self.expect("sign", "]")
        return tree

    def _name(self) -> str:
        token = self._taken()
        if token.kind != "name":
            raise ImlError(f"{self._expression!r} needs a name at character {token.at + 1}.")
        return token.value

    def _primary(self) -> Expression:
        token = self._taken()
        match token.kind:
            case "number":
                return Literal(float(token.value) if "." in token.value else int(token.value))
            case "text":
                return Literal(token.value)
            case "name":
                return self._named(token.value)
        if token.kind == "sign" and token.value == "(":
            inner = self.level(0)
            self.expect("sign", ")")
            return inner
        raise ImlError(f"{self._expression!r} needs a value at character {token.at + 1}.")

    def _named(self, name: str) -> Expression:
        if self._takes("("):
            return Call(name, self._arguments())
        return Literal(_WORDS[name]) if name in _WORDS else Name(name)

    def _arguments(self) -> tuple[Expression, ...]:
        if self._takes(")"):
            return ()
        arguments = [self.level(0)]
        while self._takes(","):
            arguments.append(self.level(0))
        self.expect("sign", ")")
        return tuple(arguments)
