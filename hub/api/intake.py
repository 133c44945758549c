"""Taking in the fields of a request that may carry a recording."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from hub.api.call import Call
from hub.api.fields import Fields, read_fields
from hub.api.orders import REFERENCE_TOO_LARGE
from hub.api.problems import PayloadTooLarge
from hub.errors import BadRequest


@asynccontextmanager
async def fields_of(call: Call) -> AsyncIterator[Fields]:
    """The fields sent; of a form that is too large, the recording is to blame."""
    is_form = "multipart" in call.request.headers.get("content-type", "")
    try:
        async with read_fields(call.request) as fields:
            yield fields
    except PayloadTooLarge as error:
        if not is_form:
            raise
        raise BadRequest(REFERENCE_TOO_LARGE, code="reference_too_large") from error


def room_for(call: Call, fields: Fields) -> AbstractAsyncContextManager[None]:
    """A recording stands in memory while it is checked and stored; only a few may do so at once."""
    recordings: asyncio.Semaphore = call.request.app.state.recordings
    return recordings if fields.files else nullcontext()
