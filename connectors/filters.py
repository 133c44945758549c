"""The filters of an owner's template: a few of Jinja's, and ours for reading aloud. Each is counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, Final

from jinja2.filters import FILTERS as JINJA_FILTERS

from connectors.budget import bounded, spend
from connectors.errors import MappingFailed
from connectors.plain import plain, tags_in

_FROM_JINJA: Final = (
    "abs", "capitalize", "count", "default", "first", "float", "int", "last", "length", "list",
    "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "round", "select",
    "selectattr", "sort", "string", "sum", "title", "trim", "truncate", "unique", "upper",
)  # fmt: skip
_STEPS_A_TAG: Final = 5
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|[^\s\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+")
_SENTENCE_EDGE = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？।॥])\s*|\n\s*\n")
Filter = Callable[..., Any]


def read_plain(value: object) -> str:
    """`| plain`: the readable text of HTML."""
    text = as_text(value)
    spend(_STEPS_A_TAG * tags_in(text))
    return plain(text)


def words(value: object, count: int = 50) -> str:
    """`| words(50)`: the first words; in scripts without blanks each character counts as one."""
    text = read_plain(value)
    for number, word in enumerate(_WORD.finditer(text), 1):
        if number == count:
            return text[: word.end()]
    return text if count > 0 else ""


def sentences(value: object, count: int = 1) -> str:
    """`| sentences(3)`: the first sentences; the end of a paragraph ends one too."""
    text = read_plain(value)
    for number, edge in enumerate(_SENTENCE_EDGE.finditer(text), 1):
        if number == count:
            return text[: edge.end()].strip()
    return text if count > 0 else ""


def sentence(value: object) -> str:
    """`| sentence`: the first one."""
    return sentences(value, 1)


def join(value: Iterable[object], between: str = ", ", last: str | None = None) -> str:
    """`| join(", ", " and ")`: the entries one after the other."""
    parts = [as_text(entry) for entry in value]
    bounded(sum(map(len, parts)) + len(parts) * max(len(between), len(last or "")))
    if last is None or len(parts) < 2:
        return between.join(parts)
    return between.join(parts[:-1]) + last + parts[-1]


def replace(value: object, old: str, new: str = "") -> str:
    """`| replace("&", "and")`."""
    text = as_text(value)
    bounded(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def as_text(value: object) -> str:
    """What is read for a value. Raises MappingFailed for a list or a group of fields: which part is meant?"""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        names = ", ".join(str(name) for name in list(value)[:6])
        raise MappingFailed(f"A group of fields cannot be read as it is; choose one of them: {names}.")
    if isinstance(value, list | tuple):
        raise MappingFailed("A list cannot be read as it is; choose an entry, as in [0], or use | join.")
    return value if isinstance(value, str) else str(value)


def _charged(function: Filter) -> Filter:
    @wraps(function)  # carries Jinja's marks (who wants the environment) along
    def charging(*given: Any, **named: Any) -> Any:
        sizes = [len(value) for value in given if isinstance(value, str | list | tuple | dict)]
        spend(1 + sum(sizes) // 64)
        made = function(*given, **named)
        if isinstance(made, str):
            bounded(len(made))
        return made

    return charging


OWN: Final[Mapping[str, Filter]] = {
    "plain": read_plain,
    "words": words,
    "sentence": sentence,
    "sentences": sentences,
    "join": join,
    "replace": replace,
}
FILTERS: Final[Mapping[str, Filter]] = {
    name: _charged(function)
    for name, function in ({name: JINJA_FILTERS[name] for name in _FROM_JINJA} | dict(OWN)).items()
}
