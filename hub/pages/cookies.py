"""The three cookies: who is signed in, which form a signed-out visitor was given, which browsers are known.

Behind https their names begin with `__Host-`, which a browser accepts only as Secure, for `/`, and from this
very host: no sibling host can plant one.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

SESSION = "sayhook_session"
VISITOR = "sayhook_visitor"
KNOWN = "sayhook_known"
_LONGEST = 100


def read_cookie(request: Request, name: str, *, secure: bool) -> str | None:
    value = request.cookies.get(_full(name, secure), "")
    return value if 0 < len(value) <= _LONGEST and value.isascii() else None


def set_cookie(response: Response, name: str, value: str, *, secure: bool, seconds: int | None) -> None:
    """`seconds` None makes one that goes when the browser is closed."""
    response.set_cookie(
        _full(name, secure), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax"
    )


def drop_cookie(response: Response, name: str, *, secure: bool) -> None:
    response.delete_cookie(_full(name, secure), path="/", secure=secure, httponly=True, samesite="lax")


def _full(name: str, secure: bool) -> str:
    return f"__Host-{name}" if secure else name
