"""The playground: text, a voice, and what both cost, before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from starlette.responses import Response

from engine.languages import LANGUAGES
from engine.longform import MAX_CHARACTERS
from engine.values import MAX_TEXT_CHARACTERS, AudioFormat, Mode
from hub.api.fields import Fields
from hub.api.orders import fitting_order_from
from hub.api.routes.estimate import estimated
from hub.api.schemas.estimate import Estimate
from hub.errors import HubError, Unprocessable
from hub.money import price_of
from hub.pages.ordering import door_of, order_and_accept, owned_generation
from hub.pages.page import Visit, page
from hub.pages.refusals import FORM, PRICE, refusal_of
from hub.pages.request_code import samples
from hub.pages.speech_form import RECORDING, SAVED, SpeechForm, opening_form, sent_fields, sent_form
from hub.store.tables import SavedVoice
from hub.voices import list_voices

FORMATS = {
    AudioFormat.MP3: "MP3, plays everywhere",
    AudioFormat.WAV: "WAV, uncompressed",
    AudioFormat.FLAC: "FLAC, lossless",
    AudioFormat.OPUS: "Opus, smallest",
}
_FIELDS = frozenset({*SpeechForm.__dataclass_fields__, "voice_ref", PRICE})


@page("/playground")
async def playground(visit: Visit) -> Response:
    """As it opens; with `again`, filled in with the request of an earlier generation."""
    voices = await _voices(visit)
    given = visit.request.query_params.get("again", "")
    again = await owned_generation(visit, given) if given else None
    return await _shown(visit, opening_form(visit, voices, again), voices)


@page("/playground", method="POST")
async def speak(visit: Visit) -> Response:
    """To the generation that waits, or back to the form with what was wrong at its field."""
    form = sent_form(visit)
    fields = sent_fields(visit, form)
    try:
        if form.voice == RECORDING and not fields.files:
            raise Unprocessable("voice_ref", "drop or record a voice of at least 5 seconds first.")
        if form.voice == SAVED and not form.voice_id:
            raise Unprocessable("voice_id", "save a voice first, or describe one.")
        generation_id = await order_and_accept(visit, fields, once=visit.field("once"))
    except HubError as error:
        return await _shown(visit, form, await _voices(visit), error)
    return await visit.redirect(f"/generations/{generation_id}")


@page("/playground/estimate", method="POST")
async def estimate(visit: Visit) -> Response:
    """The price and the code of a form while it is being filled in: two pieces of the page."""
    form = sent_form(visit)
    told, error = await _estimate(visit, form)
    return visit.render("playground_estimate.html", **_told(visit, form, told, error))


async def _shown(
    visit: Visit, form: SpeechForm, voices: Mapping[str, SavedVoice], error: HubError | None = None
) -> Response:
    told, _ = await _estimate(visit, form) if form.text else (None, None)
    return visit.render(
        "playground.html",
        status=error.status if error else 200,
        voices=voices.values(),
        languages=LANGUAGES.values(),
        formats=FORMATS,
        refused=_refusals(error),
        once=str(uuid4()),
        most=MAX_CHARACTERS,
        one_request=MAX_TEXT_CHARACTERS,
        **_told(visit, form, told, error),
    )


def _told(visit: Visit, form: SpeechForm, told: Estimate | None, error: HubError | None) -> dict[str, Any]:
    return {
        "form": form,
        "estimate": told,
        "problem": None if told else error,
        "prices": {mode.value: price_of(mode) for mode in Mode},
        "samples": samples(form.request(), visit.base_url),
        "is_shortened": form.request().is_shortened,
    }


async def _estimate(visit: Visit, form: SpeechForm) -> tuple[Estimate | None, HubError | None]:
    """The price without the recording, which is only sent to be spoken with."""
    try:
        order = await fitting_order_from(Fields(form.values()), door_of(visit))
    except HubError as error:
        return None, error
    return estimated(order, visit.owner.credits, mode=Mode.CLONE if form.is_clone else None), None


async def _voices(visit: Visit) -> dict[str, SavedVoice]:
    async with visit.hub.database.reading() as session:
        return {voice.id: voice for voice in await list_voices(session, visit.owner.id)}


def _refusals(error: HubError | None) -> dict[str, str]:
    """By the name of a field; empty for every other."""
    field, sentence = refusal_of(error) if error else ("", "")
    return defaultdict(str, {field if field in _FIELDS else FORM: sentence})
