"""What thousands of tests would do in vain: read the world's certificates, look for garbage in modules."""

from __future__ import annotations

import gc
import ssl
from functools import cache
from typing import Any

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


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
