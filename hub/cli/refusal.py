"""One sentence for everything that can stop a command."""

from __future__ import annotations

import errno

from engine.errors import EngineError
from hub.errors import HubError


def sentence_for(error: Exception) -> str:
    """What to tell the person: what happened and, where we know it, how to mend it."""
    from pydantic import ValidationError

    if isinstance(error, HubError):
        return error.detail
    if isinstance(error, EngineError) or type(error).__module__.startswith(("hub.", "engine.", "webhooks.")):
        return str(error)
    if isinstance(error, ValidationError):
        return "; ".join(_setting(details["loc"], details["msg"]) for details in error.errors())
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full; free some space and try again."
    if isinstance(error, OSError):
        return f"{error.filename or 'The system'}: {error.strerror or error}."
    again = (
        "Run it again with SAYHOOK_LOG_LEVEL=debug to see where, or look for the cause with `sayhook check`."
    )
    return f"Something unexpected stopped this: {type(error).__name__}: {error}. {again}"


def _setting(place: tuple[int | str, ...], message: str) -> str:
    name = str(place[0]) if place else "settings"
    variable = name if name.isupper() else f"SAYHOOK_{name.upper()}"
    return f"The setting {variable} is not usable: {message[:1].lower()}{message[1:]}."
