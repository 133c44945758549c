"""Ids in paths."""

from __future__ import annotations

from uuid import UUID

from hub.api.call import Call
from hub.errors import NotFound


def uuid_in(call: Call, absent: NotFound) -> str:
    """The id in the path, in the form it is kept in; raises `absent` when it can be none."""
    given: str = call.request.path_params["id"]
    try:
        if len(given) == 36:
            return str(UUID(given))
    except ValueError:
        pass
    raise absent
