"""Voices: what an account has saved, new ones to compare and keep, and clones with their owner's consent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID, uuid4

from starlette.datastructures import UploadFile
from starlette.responses import Response

from engine.values import Mode
from hub.api.fields import Fields
from hub.api.routes.voices import new_voice
from hub.api.schemas.design import MOST_PREVIEWS, SAMPLE
from hub.errors import HubError, NotFound, Unprocessable
from hub.money import price_of
from hub.pages.generation_view import small_wave
from hub.pages.ordering import order_and_accept
from hub.pages.page import Visit, page
from hub.pages.refusals import FORM, refusal_of
from hub.pages.samples_of_voices import latest_samples
from hub.store.tables import Generation, SavedVoice
from hub.voices import (
    delete_voice,
    erase_voice,
    find_voice,
    list_deleted,
    list_voices,
    reference_of,
    restore_voice,
    save_voice,
)
from hub.voices.deleted import UNDO_FOR

_FIELDS = ("name", "voice_description", "seed", "voice_ref_text", "consent", "preview_id")
_SHOWN_AT = {
    "previews": ("voice_description", "text"),
    "design": ("name", "voice_description", "seed"),
    "clone": ("name", "voice_ref", "consent"),
}
_SIGNATURES = ((b"RIFF", "audio/wav"), (b"fLaC", "audio/flac"), (b"OggS", "audio/ogg"))


@dataclass(frozen=True, slots=True)
class Card:
    """A saved voice and what can be heard of it: its own recording, or the latest audio made with it."""

    voice: SavedVoice
    sample: Generation | None
    wave: str | None
    price: int

    @property
    def audio(self) -> str | None:
        if self.voice.reference_key:
            return f"/voices/{self.voice.id}/recording"
        return f"/generations/{self.sample.id}/file/audio" if self.sample else None


@page("/voices")
async def voices(visit: Visit) -> Response:
    return await shown_with(visit)


@page("/voices", method="POST")
async def save(visit: Visit) -> Response:
    """A described voice, or a clone with the statement of the person who is heard."""
    given = {name: visit.field(name) for name in _FIELDS}
    upload = visit.form.get("voice_ref")
    is_clone = visit.field("kind") == "clone"
    has_file = isinstance(upload, UploadFile) and bool(upload.filename or upload.size)
    try:
        if is_clone and not has_file:
            raise Unprocessable("voice_ref", "drop or record a voice of at least 5 seconds first.")
        if is_clone and not visit.field("agreed"):
            raise Unprocessable("consent", "tick the box: without the speaker's consent no voice is cloned.")
        files = {"voice_ref": upload} if is_clone and isinstance(upload, UploadFile) else {}
        fields = Fields({name: value for name, value in given.items() if value}, files)
        new = await new_voice(fields, visit.hub, visit.owner.id)
        voice = await save_voice(visit.hub, visit.owner.id, new)
    except HubError as error:
        return await shown_with(visit, error, given, kind=visit.field("kind"))
    return await visit.redirect("/voices", notice=" ".join([f"Saved {voice.name}.", *new.warnings]))


@page("/voices/{id}/sample", method="POST")
async def speak_sample(visit: Visit) -> Response:
    """One sentence in a saved voice, at the usual price."""
    voice = await _found(visit)
    fields = Fields({"text": SAMPLE, "voice_id": voice.id, "format": "mp3", "language": "en"})
    try:
        new = await order_and_accept(visit, fields, once=visit.field("once"))
    except HubError as error:
        return await shown_with(visit, error)
    return await visit.redirect(f"/generations/{new}")


@page("/voices/{id}/recording")
async def recording(visit: Visit) -> Response:
    """The recording that a clone was made from, to its owner only."""
    data = await reference_of(visit.hub, await _found(visit))
    if data is None:
        raise NotFound("This voice has no recording.")
    media_type = next((kind for start, kind in _SIGNATURES if data.startswith(start)), "audio/mpeg")
    return Response(data, media_type=media_type)


@page("/voices/{id}/delete", method="POST")
async def delete(visit: Visit) -> Response:
    voice = await _found(visit)
    await delete_voice(visit.hub, visit.owner.id, voice.id)
    return await visit.redirect("/voices", notice=f"Deleted {voice.name}. For a day it can be brought back.")


@page("/voices/{id}/restore", method="POST")
async def restore(visit: Visit) -> Response:
    voice = await restore_voice(visit.hub, visit.owner.id, _id(visit))
    return await visit.redirect("/voices", notice=f"{voice.name} is back.")


@page("/voices/{id}/erase", method="POST")
async def erase(visit: Visit) -> Response:
    """The rest of a deletion, now instead of in a day."""
    await erase_voice(visit.hub, visit.owner.id, _id(visit))
    return await visit.redirect("/voices", notice="It is gone for good.")


def blank(visit: Visit) -> dict[str, str]:
    """The forms as they open: empty, or as the address says."""
    query = visit.request.query_params
    return {name: query.get(name, "") for name in (*_FIELDS, "text")}


async def shown_with(
    visit: Visit, error: HubError | None = None, given: dict[str, str] | None = None, *, kind: str = ""
) -> Response:
    """The page, after a refusal with what was given to the form of a `kind` and why it did not do."""
    async with visit.hub.database.reading() as session:
        saved = await list_voices(session, visit.owner.id)
        deleted = await list_deleted(session, visit.owner.id, visit.hub.now())
        heard = await latest_samples(session, visit.owner.id, saved)
    return visit.render(
        "voices.html",
        status=error.status if error else 200,
        cards=[_card(voice, heard.get(voice.id)) for voice in saved],
        deleted=[(voice, (voice.deleted_at or visit.hub.now()) + UNDO_FOR) for voice in deleted],
        refused=_refusals(error, kind),
        given={**blank(visit), **(given or {})},
        kind=kind,
        once=str(uuid4()),
        preview_price=price_of(Mode.DESIGN),
        most_previews=MOST_PREVIEWS,
    )


def _refusals(error: HubError | None, kind: str) -> dict[str, str]:
    """By `kind_field`, e.g. `clone_consent`, or `form` above all; empty for every other."""
    field, sentence = refusal_of(error) if error else (FORM, "")
    return defaultdict(str, {f"{kind}_{field}" if field in _SHOWN_AT.get(kind, ()) else FORM: sentence})


def _card(voice: SavedVoice, sample: Generation | None) -> Card:
    return Card(voice, sample, small_wave(sample) if sample else None, price_of(Mode(voice.mode)))


async def _found(visit: Visit) -> SavedVoice:
    async with visit.hub.database.reading() as session:
        return await find_voice(session, visit.owner.id, _id(visit))


def _id(visit: Visit) -> str:
    try:
        return str(UUID(visit.request.path_params["id"]))
    except ValueError as error:
        raise NotFound("Voice not found") from error
