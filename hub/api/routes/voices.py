"""Saving, listing and deleting voices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.responses import JSONResponse, Response

from engine.values import Mode
from hub.api.call import Call
from hub.api.fields import Fields
from hub.api.idempotency import answered_once
from hub.api.ids import uuid_in
from hub.api.intake import fields_of, room_for
from hub.api.orders import fingerprint_of, reference_from
from hub.api.schemas.voices import SavedNow, Voice, VoiceForm, VoiceList
from hub.api.spoken_text import clean
from hub.api.validation import validated
from hub.errors import NotFound, Unprocessable
from hub.hub import Hub
from hub.jobs import find
from hub.store.idempotency import StoredAnswer
from hub.store.tables import SavedVoice
from hub.voices import NewVoice, erase_voice, find_voice, list_voices, save_voice


async def create_voice(call: Call) -> Response:
    """`POST /v1/voices`"""
    async with fields_of(call) as fields, room_for(call, fields):
        new = await new_voice(fields, call.hub, call.account_id)

        async def saved() -> StoredAnswer:
            voice = await save_voice(call.hub, call.account_id, new)
            shown = SavedNow(**_shown(voice), warnings=list(new.warnings)).model_dump(mode="json")
            return StoredAnswer(201, {"Location": f"{call.base_url}/v1/voices/{voice.id}"}, shown)

        return await answered_once(call, fingerprint_of("POST", call.request.url.path, new), saved)


async def get_voices(call: Call) -> Response:
    """`GET /v1/voices`"""
    async with call.hub.database.reading() as session:
        voices = await list_voices(session, call.account_id)
    answer = VoiceList(data=[Voice.model_validate(_shown(voice)) for voice in voices])
    return JSONResponse(answer.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


async def remove_voice(call: Call) -> Response:
    """`DELETE /v1/voices/{id}`"""
    voice_id = uuid_in(call, NotFound("Voice not found", code="voice_not_found"))
    async with call.hub.database.reading() as session:
        await find_voice(session, call.account_id, voice_id)
    await erase_voice(call.hub, call.account_id, voice_id)
    return Response(status_code=204)


async def new_voice(fields: Fields, hub: Hub, account_id: str) -> NewVoice:
    """The voice to keep; raises Unprocessable or BadRequest for the first field that does not fit."""
    known = {name: value for name, value in fields.values.items() if name in VoiceForm.model_fields}
    for name, value in known.items():
        if isinstance(value, str):
            known[name] = clean(value, name=name).text or None
    if known.get("name") is None:
        raise Unprocessable("name", "must be a text of 1 to 100 characters.")
    form = validated(VoiceForm, known)
    reference, warnings = await reference_from(fields.files.get("voice_ref"))
    if form.preview_id is not None:
        if reference is not None or form.voice_description is not None:
            raise Unprocessable("preview_id", "must be sent without a description and without a recording.")
        return await _voice_of_preview(form, hub, account_id)
    if (reference is None) == (form.voice_description is None):
        raise Unprocessable("voice_description", "send either a description or a recording in voice_ref.")
    if reference is not None and form.consent is None:
        raise Unprocessable(
            "consent",
            "must say who is heard in voice_ref and that they agree to have their voice cloned "
            "(10 to 1000 characters).",
        )
    return NewVoice(
        name=form.name,
        description=form.voice_description,
        seed=form.seed,
        reference=reference,
        reference_text=form.voice_ref_text if reference else None,
        consent=form.consent,
        warnings=warnings,
    )


async def _voice_of_preview(form: VoiceForm, hub: Hub, account_id: str) -> NewVoice:
    refusal = Unprocessable(
        "preview_id", "must be the id of a generation of this account in a designed voice."
    )
    try:
        preview_id = str(UUID(form.preview_id))
        async with hub.database.reading() as session:
            preview = await find(session, account_id, preview_id)
    except (ValueError, NotFound):
        raise refusal from None
    if preview.mode != Mode.DESIGN or not preview.voice_description:
        raise refusal
    seed = preview.seed if preview.spoken_seed is None else preview.spoken_seed
    return NewVoice(name=form.name, description=preview.voice_description, seed=seed)


def _shown(voice: SavedVoice) -> dict[str, Any]:
    shown = Voice(
        id=voice.id,
        name=voice.name,
        mode=voice.mode,
        voice_description=voice.description,
        seed=voice.seed,
        consent=voice.consent,
        created_at=voice.created_at,
    )
    return shown.model_dump(mode="json")
