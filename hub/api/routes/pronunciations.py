"""Keeping, listing and forgetting how words are said."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from engine.values import Pronunciation
from hub.api.call import Call
from hub.api.fields import Fields
from hub.api.ids import uuid_in
from hub.api.intake import fields_of
from hub.api.schemas.pronunciations import (
    ANY,
    PronunciationFields,
    PronunciationList,
    PronunciationShown,
)
from hub.api.spoken_text import clean
from hub.api.validation import validated
from hub.errors import NotFound, Unprocessable
from hub.pronunciations import delete_entry, keep_entry, list_entries
from hub.store.pronunciation_tables import PronunciationEntry


async def put_pronunciation(call: Call) -> Response:
    """`PUT /v1/pronunciations`: sent twice, it is kept once."""
    async with fields_of(call) as fields:
        new = _new(fields)
    entry = await keep_entry(call.hub, call.account_id, new)
    return JSONResponse(_shown(entry).model_dump(mode="json"))


async def get_pronunciations(call: Call) -> Response:
    """`GET /v1/pronunciations`"""
    async with call.hub.database.reading() as session:
        entries = await list_entries(session, call.account_id)
    answer = PronunciationList(data=[_shown(entry) for entry in entries])
    return JSONResponse(answer.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


async def remove_pronunciation(call: Call) -> Response:
    """`DELETE /v1/pronunciations/{id}`"""
    absent = NotFound("Pronunciation not found", code="pronunciation_not_found")
    await delete_entry(call.hub, call.account_id, uuid_in(call, absent))
    return Response(status_code=204)


def _new(fields: Fields) -> Pronunciation:
    known = {name: value for name, value in fields.values.items() if name in PronunciationFields.model_fields}
    for name, value in known.items():
        if isinstance(value, str):
            known[name] = clean(value, name=name).text or None
    if known.get("word") is None:
        raise Unprocessable("word", "must be a text of 1 to 60 characters.")
    form = validated(PronunciationFields, known)
    if not (form.respelling or form.ipa):
        raise Unprocessable("respelling", "must be sent, or ipa: how the word is said.")
    for name, text in (("word", form.word), ("respelling", form.respelling), ("ipa", form.ipa)):
        if text is not None and not any(character.isalpha() for character in text):
            raise Unprocessable(name, "must hold a letter.")
    language = None if form.language == ANY else form.language
    return Pronunciation(form.word, form.respelling, form.ipa, language)


def _shown(entry: PronunciationEntry) -> PronunciationShown:
    return PronunciationShown(
        id=entry.id,
        word=entry.word,
        respelling=entry.respelling,
        ipa=entry.ipa,
        language=entry.language or ANY,
        created_at=entry.created_at,
    )
