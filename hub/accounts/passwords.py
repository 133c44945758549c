"""Passwords: what is accepted, and how they are kept (argon2id, never on the event loop)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.errors import Unprocessable

SHORTEST = 10
LONGEST = 200
_LEAST_DIFFERENT = 5

_HASHER = PasswordHasher()
"""The library's parameters: RFC 9106's second choice, 64 MiB of memory and 3 passes."""

_THREADS = ThreadPoolExecutor(2, thread_name_prefix="passwords")
"""Two at once: each takes 64 MiB and all a core can give."""


def check_password(password: str, *, email: str) -> None:
    """Raises Unprocessable when it is easy to guess; the message says what to change."""
    if len(password) < SHORTEST:
        raise Unprocessable("password", f"must be at least {SHORTEST} characters long.")
    if len(password) > LONGEST:
        raise Unprocessable("password", f"must be at most {LONGEST} characters long.")
    if len(set(password)) < _LEAST_DIFFERENT:
        raise Unprocessable("password", f"must have at least {_LEAST_DIFFERENT} different characters.")
    if email.strip().lower() in password.lower() or password.lower() in email.lower():
        raise Unprocessable("password", "must not be your e-mail address.")


def hash_password(password: str) -> str:
    """Takes tens of milliseconds of a core; in the web process call `hashed`."""
    return _HASHER.hash(password)


async def hashed(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, hash_password, password)


async def matches(password: str, kept: str | None) -> bool:
    """Whether `kept` is the hash of `password`. Without one it takes as long and says no."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _matches, password, kept)


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _matches(password: str, kept: str | None) -> bool:
    try:
        _HASHER.verify(kept or _nobodys(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobodys() -> str:
    return _HASHER.hash("the password of an account that does not exist")
