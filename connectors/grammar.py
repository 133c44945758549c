"""The part of Jinja an owner may write: fields, filters, conditions and plain loops.

Calls, macros, assignments and imports are refused by name of what to write instead; without them every
value stems from the event or a filter, and work can be counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.environment import Environment
from jinja2.tests import TESTS as JINJA_TESTS

from connectors.budget import bounded, spend
from connectors.errors import MappingFailed
from connectors.filters import FILTERS, as_text

MAX_TEMPLATE: Final = 2000
"""Characters of a template."""

TESTS: Final = (
    "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float", "ge", "gt",
    "greaterthan", "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne",
    "none", "number", "odd", "sequence", "string", "true", "undefined", "upper",
)  # fmt: skip
_ALLOWED: Final[tuple[type[nodes.Node], ...]] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.Slice, nodes.Filter, nodes.Test, nodes.If, nodes.For, nodes.Compare, nodes.Operand, nodes.And,
    nodes.Or, nodes.Not, nodes.CondExpr, nodes.Concat, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div,
    nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.List, nodes.Tuple, nodes.Keyword,
)  # fmt: skip
_INSTEAD: Final[dict[type[nodes.Node], str]] = {
    nodes.Call: "Calls, as in name.upper(), are not available; use a filter, as in name | upper",
    nodes.Assign: "“set” is not available; write the field where it is needed",
    nodes.Pow: "Powers are not available",
}


def parsed(environment: Environment, source: str) -> nodes.Template:
    """The template's tree, allowed and counted. Raises MappingFailed with what to write instead."""
    if len(source) > MAX_TEMPLATE:
        raise MappingFailed(f"The template is longer than {MAX_TEMPLATE} characters.")
    try:
        tree = environment.parse(source)
        for node in _all(tree):
            _check(node)
        return _counted(tree)
    except TemplateSyntaxError as error:
        raise MappingFailed(f"The template has a mistake in line {error.lineno}: {_reason(error)}") from error
    except RecursionError as error:
        raise MappingFailed("The template has too many brackets in each other.") from error


def _check(node: nodes.Node) -> None:
    if not isinstance(node, _ALLOWED):
        name = type(node).__name__.lower()
        instead = _INSTEAD.get(type(node), f"“{name}” is not available in a template")
        raise MappingFailed(f"{instead} (line {node.lineno}).")
    if isinstance(node, nodes.For) and node.recursive:
        raise MappingFailed(f"“recursive” is not available (line {node.lineno}).")
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise MappingFailed(f"There is no filter “{node.name}”.{near(node.name, FILTERS)}")
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        raise MappingFailed(f"There is no test “is {node.name}”.{near(node.name, TESTS)}")


def near(name: str, names: Iterable[Any], *, most: int = 8) -> str:
    """Did you mean …?  or, when nothing is like it, what there is."""
    known = [known for known in names if isinstance(known, str)]
    if close := get_close_matches(name.lower(), {known.lower(): known for known in known}, n=2, cutoff=0.6):
        shown = [next(known for known in known if known.lower() == match) for match in close]
        return f" Did you mean {' or '.join(f'“{match}”' for match in shown)}?"
    listed = ", ".join(sorted(known)[:most])
    return f" There are: {listed}{', …' if len(known) > most else ''}." if known else ""


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    for child in tree.iter_child_nodes():
        yield from _all(child)


def _counted(tree: nodes.Template) -> nodes.Template:
    """Every loop and every `~` goes through a filter of ours that counts or measures first.

    And “if” without “else” inside an expression is nothing, as its writer means it.
    """
    for choice in tree.find_all(nodes.CondExpr):
        choice.expr2 = choice.expr2 or nodes.Const("", lineno=choice.lineno)
    for loop in tree.find_all(nodes.For):
        loop.iter = _filtered("_counted", loop.iter)
    for node in list(_all(tree)):
        for name, value in list(node.iter_fields()):
            if isinstance(value, nodes.Concat):
                setattr(node, name, _joined(value))
            elif isinstance(value, list):
                value[:] = [_joined(part) if isinstance(part, nodes.Concat) else part for part in value]
    return tree


def _joined(concat: nodes.Concat) -> nodes.Filter:
    return _filtered("_joined", nodes.List(concat.nodes, lineno=concat.lineno))


def _filtered(name: str, value: nodes.Node) -> nodes.Filter:
    return nodes.Filter(value, name, [], [], None, None, lineno=value.lineno)


def counted(value: Any) -> Iterator[Any]:
    if isinstance(value, str | int | float) or value is None:
        raise MappingFailed("A loop needs a list to go over, and the event has a single value there.")
    for entry in value:
        spend(1)
        yield entry


def joined(value: list[Any]) -> str:
    parts = [as_text(part) for part in value]
    bounded(sum(map(len, parts)))
    return "".join(parts)


def _reason(error: TemplateSyntaxError) -> str:
    message = (error.message or "it could not be read").rstrip(".")
    return f"{message[:1].lower()}{message[1:]}."


KNOWN_TESTS: Final = {name: JINJA_TESTS[name] for name in TESTS}
