"""The lasting address of a target's audio: what the player on a platform's page asks for."""

from __future__ import annotations

from starlette.responses import Response

from hub.api.call import Call
from hub.api.routes.audio import CORS, hand_out
from hub.connections.targets import target_by_token
from hub.errors import HubError, NotFound
from hub.store.tables import Generation


async def get_lasting_audio(call: Call) -> Response:
    """`GET /a/{token}.{extension}`: what the target says now, whatever the extension was when it was made."""
    try:
        async with call.hub.database.reading() as session:
            target = await target_by_token(session, call.request.path_params["token"])
            heard = target.audio_generation_id if target else None
            generation = await session.get(Generation, heard) if heard else None
        if generation is None:
            raise NotFound("This audio is not here: it was deleted, or never made.", code="audio_not_found")
        return await hand_out(call, generation.id, generation.format)
    except HubError as error:
        error.headers.update(CORS)
        raise
