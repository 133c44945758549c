"""Speech that is sent while it is being made."""

from __future__ import annotations

from anyio import to_thread
from starlette.responses import Response, StreamingResponse

from connectors.values import SpeechOrder
from engine.audio.labels import Labels
from engine.audio.live import LiveFormat
from engine.longform import plan_text
from engine.values import MAX_TEXT_CHARACTERS, AudioFormat, Mode, SpeechRequest
from hub.api.call import Call
from hub.api.defaults import with_speech_defaults
from hub.api.fields import Fields
from hub.api.idempotency import REPLAYED, idempotency_key
from hub.api.intake import fields_of
from hub.api.live_answer import HEADERS, live_answer
from hub.api.orders import fingerprint_of
from hub.api.routes.audio import CORS
from hub.api.routes.generations import generation_id
from hub.api.schemas.speech import MAX_INPUT, SpeechFields, StreamFilter
from hub.api.spoken_text import clean, speakable
from hub.api.validation import validated
from hub.api.voice_names import voice_named
from hub.errors import NotFound, Unprocessable
from hub.jobs import Once, Status, accept, find
from hub.links import check_audio_link
from hub.store.idempotency import StoredAnswer
from hub.store.tables import Generation


async def create_speech(call: Call) -> Response:
    """`POST /v1/audio/speech`: an ordinary generation, whose audio is the answer."""
    key = idempotency_key(call.request)
    async with fields_of(call) as fields:
        form = _form(await with_speech_defaults(call.hub, call.account_id, fields))
        order = await _order(call, form)
    once = (
        None if key is None else Once(key, fingerprint_of("POST", call.request.url.path, order), _remembered)
    )
    accepted = await accept(
        call.hub, order, account_id=call.account_id, api_key_id=call.caller.key_id, once=once
    )
    own = accepted.generation.id if accepted.generation else str((accepted.replay or _NOTHING).body["id"])
    headers = {"Location": f"{call.base_url}/v1/tts/status/{own}", "Generation-Id": own}
    if accepted.replay is not None:
        headers[REPLAYED] = "true"
    return await live_answer(
        call,
        own,
        form.response_format,
        labels=_labels(own, order.request.mode),
        events=form.stream_format == "sse",
        characters=len(form.input),
        headers=headers,
    )


async def stream_generation(call: Call) -> Response:
    """`GET /v1/tts/stream/{id}`: a generation's audio from its beginning on, as it comes."""
    wanted = generation_id(call)
    query = validated(StreamFilter, dict(call.request.query_params))
    generation = await _listened_to(call, wanted, query)
    format = query.format or LiveFormat(generation.format)
    headers = {**CORS, "Generation-Id": wanted}
    if call.request.method == "HEAD":
        return Response(headers={**HEADERS, **headers}, media_type=format.media_type)
    if generation.status == Status.COMPLETED and generation.audio_key and format == generation.format:
        size = await call.hub.blobs.size(generation.audio_key)
        whole = call.hub.blobs.stream(generation.audio_key, 0, size)
        sized = {**HEADERS, **headers, "Content-Length": str(size)}
        return StreamingResponse(whole, 200, sized, format.media_type)
    labels = _labels(wanted, Mode(generation.mode))
    return await live_answer(call, wanted, format, labels=labels, headers=headers)


async def _listened_to(call: Call, wanted: str, query: StreamFilter) -> Generation:
    async with call.hub.database.reading() as session:
        if call.known is not None:
            return await find(session, call.account_id, wanted)
        check_audio_link(
            call.hub.secrets,
            generation_id=wanted,
            expires=query.expires,
            signature=query.signature,
            now=call.hub.now(),
        )
        generation = await session.get(Generation, wanted)
    if generation is None or generation.deleted_at is not None:
        raise NotFound("Generation not found", code="generation_not_found")
    return generation


def _labels(generation_id: str, mode: Mode) -> Labels:
    cloned = mode is Mode.CLONE
    return Labels(cloned=cloned, generation=generation_id if cloned else None)


_NOTHING = StoredAnswer(200, {}, {"id": ""})


def _remembered(generation: Generation) -> StoredAnswer:
    """A repeat is answered with the audio of the first: its id is all there is to keep."""
    return StoredAnswer(200, {}, {"id": generation.id})


def _form(fields: Fields) -> SpeechFields:
    known = {name: value for name, value in fields.values.items() if name in SpeechFields.model_fields}
    if known.get("response_format") == "aac":
        raise Unprocessable("response_format", "aac is not made here: ask for mp3, opus, flac, wav or pcm.")
    if known.get("voice") is None:
        raise Unprocessable(
            "voice",
            "must be sent: a saved voice, a stock voice such as alloy, or a description; "
            "or choose a default voice in the settings of the account.",
        )
    known["input"] = speakable(known.get("input"), most=MAX_INPUT).text
    if isinstance(said := known.get("instructions"), str):
        known["instructions"] = clean(said, name="instructions").text or None
    return validated(SpeechFields, known)


async def _order(call: Call, form: SpeechFields) -> SpeechOrder:
    voice = await voice_named(call, form.voice)
    pcm = form.response_format is LiveFormat.PCM
    request = SpeechRequest(
        text=form.input,
        language=form.language,
        description=voice.description,
        reference=voice.reference,
        reference_text=voice.reference_text,
        seed=voice.seed if form.seed is None else form.seed,
        instructions=form.instructions,
        speed=form.speed,
        format=AudioFormat.WAV if pcm else AudioFormat(form.response_format),
    )
    if len(form.input) <= MAX_TEXT_CHARACTERS:
        return SpeechOrder(request, source="speech")
    return SpeechOrder(request, source="speech", parts=await to_thread.run_sync(plan_text, form.input))
