"""Names of parametrised tests: the processes of a parallel run must agree on them."""

from __future__ import annotations

import pytest

LONGEST = 60


@pytest.hookimpl(tryfirst=True)
def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long value, a key or a recording say, may be made anew in each process; its argument names it."""
    return argname if isinstance(val, str | bytes) and len(val) > LONGEST else None
