"""What thousands of tests would do in vain: read certificates, compile SQL, look for garbage in modules."""

from __future__ import annotations

import gc
import ssl
from functools import cache
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_created = ssl.create_default_context


@cache
def _trusting(cafile: str) -> ssl.SSLContext:
    return _created(cafile=cafile)


def _context(*purpose: Any, **given: Any) -> ssl.SSLContext:
    """One for each file of certificates: httpx reads it again for each client, even of plain HTTP."""
    if not purpose and set(given) == {"cafile"}:
        return _trusting(given["cafile"])
    return _created(*purpose, **given)


ssl.create_default_context = _context

_made = Engine.__init__
_COMPILED: LRUCache[Any, Any] = LRUCache(5000)


def _make(engine: Engine, *given: Any, **named: Any) -> None:
    """With the statements that engines before it have compiled: each test has a database of its own."""
    _made(engine, *given, **named)
    engine._compiled_cache = _COMPILED


def _is_same(one: DefaultDialect, other: object) -> bool:
    return type(one) is type(other)


Engine.__init__ = _make  # type: ignore[method-assign, assignment]
# A compiled statement is found again under its dialect, of which each engine has one.
DefaultDialect.__eq__ = _is_same  # type: ignore[method-assign, assignment]
DefaultDialect.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign, assignment]


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
