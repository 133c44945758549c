"""The owner's template over an event's fields: sandboxed, bounded, and its mistakes in plain words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NoReturn

from jinja2 import Template, TemplateError
from jinja2.runtime import LoopContext, StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from connectors.budget import bounded, current_fields, rendering, spend
from connectors.errors import MappingFailed
from connectors.filters import FILTERS, as_text, read_plain
from connectors.grammar import KNOWN_TESTS, counted, joined, near, parsed
from connectors.plain import looks_like_html

MAX_OUTPUT: Final = 200_000
"""Characters of one rendered text."""

_LARGEST: Final = 10**15
_LOOP_FIELDS: Final = frozenset({"index", "index0", "first", "last", "length", "revindex", "revindex0"})
_BLANK_LINES = re.compile(r"\s*\n[^\S\n]*\n\s*")
_SPACES = re.compile(r"[^\S\n]+")
_LINE_EDGES = re.compile(r" ?\n ?")
_STRAY_STOPS = re.compile(r"(?<=[.!?…:;,])(?: ?\.(?=\s|$))+")


class MissingField(StrictUndefined):
    """A field the event does not have; touching it says so, and what there is instead."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        name = str(self._undefined_name)
        if self._undefined_obj is missing:
            where, names = "this event does not have", current_fields()
        else:
            where, names = "is not there", self._undefined_obj
        suggestion = near(name, names if isinstance(names, Mapping) else ())
        return f"The template asks for the field “{name}”, which {where}.{suggestion}"


class _Environment(ImmutableSandboxedEnvironment):
    """Fields are looked up in the event only: no Python attribute is ever reached."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in _LOOP_FIELDS:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Undefined):
            return obj  # `images[0].alt | default("")` also where there are no images
        if isinstance(obj, list | tuple | str) and isinstance(argument, str):
            hint = f"“{argument}” was asked of a {'text' if isinstance(obj, str) else 'list'}"
            return self.undefined(f"{hint}; choose an entry first, as in [0].", obj=obj, name=argument)
        try:
            return obj[argument]
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=str(argument))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        numbers = all(isinstance(side, int | float) and abs(side) < _LARGEST for side in (left, right))
        if not numbers and operator == "+" and isinstance(left, str) and isinstance(right, str):
            bounded(len(left) + len(right))
        elif not numbers:
            for side in (left, right):
                if isinstance(side, Undefined):
                    side._fail_with_undefined_error()
            raise MappingFailed(f"“{operator}” needs two numbers; to put texts together use ~.")
        return super().call_binop(context, operator, left, right)


def _spoken(value: Any) -> Any:
    """What an expression becomes in the text: HTML is stripped even where the owner did not ask."""
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()
    text = as_text(value)
    spend(1)
    return read_plain(text) if looks_like_html(text) else text


_ENVIRONMENT: Final = _Environment(
    undefined=MissingField, finalize=_spoken, autoescape=False, optimized=False, cache_size=0
)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.tests = dict(KNOWN_TESTS)
_ENVIRONMENT.filters = {**FILTERS, "_counted": counted, "_joined": joined}


def render(source: str, fields: Mapping[str, Any]) -> str:
    """The text to read. Raises MappingFailed, whose sentence is for the owner."""
    template = _compiled(source)
    pieces: list[str] = []
    length = 0
    with rendering(fields):
        try:
            for piece in template.generate({**fields, "payload": fields}):
                length += len(piece)
                if length > MAX_OUTPUT:
                    raise MappingFailed(f"The text would be longer than {MAX_OUTPUT} characters.")
                pieces.append(piece)
        except Exception as error:
            _explain(error)
    return tidy("".join(pieces))


def holds(condition: str, fields: Mapping[str, Any]) -> bool:
    """Whether an "only when" condition is met; an empty one always is. Raises MappingFailed."""
    return not condition.strip() or render(_as_template(condition), fields) == "yes"


def check_template(source: str) -> None:
    """Raises MappingFailed when `source` could not be applied to any event."""
    _compiled(source)


def check_condition(condition: str) -> None:
    _compiled(_as_template(condition))


def tidy(text: str) -> str:
    """NFC, no control characters, plain blanks, and no second full stop after a field that had its own."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(
        letter if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs") else ""
        for letter in composed
    )
    lines = _BLANK_LINES.sub("\n\n", _LINE_EDGES.sub("\n", _SPACES.sub(" ", kept)))
    return _STRAY_STOPS.sub("", lines).strip()


def _as_template(condition: str) -> str:
    if "%}" in condition or "{%" in condition or "{{" in condition:
        raise MappingFailed('A condition has no brackets around it, as in: status == "publish".')
    return "{% if (" + condition + ") %}yes{% endif %}"


@lru_cache(maxsize=512)
def _compiled(source: str) -> Template:
    tree = parsed(_ENVIRONMENT, source)
    try:
        code = _ENVIRONMENT.compile(tree)
    except (TemplateError, SyntaxError, RecursionError, MemoryError) as error:
        raise MappingFailed("The template is nested too deeply.") from error
    return Template.from_code(_ENVIRONMENT, code, {})


def _explain(error: Exception) -> NoReturn:
    if isinstance(error, MappingFailed):
        raise error
    if isinstance(error, TemplateError):
        raise MappingFailed(error.message or "The template could not be applied.") from error
    # Whatever a filter makes of a value it was not meant for is the template's mistake, not ours.
    raise MappingFailed(f"The template could not be applied: {error}.") from error
