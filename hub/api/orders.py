"""From the fields of a request to an order for speech."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import to_thread
from starlette.datastructures import UploadFile

from connectors.values import SpeechOrder
from engine.errors import ReferenceRejected
from engine.longform import MAX_CHARACTERS, plan_text
from engine.reference import MAX_BYTES, inspect
from engine.values import MAX_TEXT_CHARACTERS, SpeechRequest
from hub.api.fields import Fields, parse_json
from hub.api.schemas.generate import MAX_METADATA_BYTES, GenerateForm
from hub.api.schemas.longform import LongformForm
from hub.api.spoken_text import CleanText, clean, speakable
from hub.api.text_file import FILE, with_text_of_file
from hub.api.validation import validated
from hub.errors import BadRequest, NotFound, Unprocessable
from hub.voices import NewVoice
from webhooks.errors import DestinationRefused
from webhooks.guard import check_url, policy_for

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

REFERENCE_TOO_LARGE = "Reference audio must be under 10 MB; 10 to 30 seconds of one voice are enough."

Form = TypeVar("Form", bound=GenerateForm)

_FILE_FIELD = "voice_ref"
_CLEANED = ("voice_description", "voice_ref_text")


@dataclass(frozen=True, slots=True)
class Door:
    """What depends on where an order comes in: the voices its sender has saved, its name, and whether it may
    call private addresses back. `saved_voice` raises NotFound."""

    saved_voice: Callable[[str], Awaitable[NewVoice]]
    source: str = "api"
    allow_private_callbacks: bool = False


async def order_from(fields: Fields, door: Door) -> SpeechOrder:
    """Check every field; raises BadRequest or Unprocessable for the first that does not fit."""
    text = speakable(fields.values.get("text"))
    form, warnings = _form_from(fields, text, GenerateForm)
    return await _order(form, fields, door, warnings)


async def long_order_from(fields: Fields, door: Door) -> SpeechOrder:
    """The same for a long text, which is planned into parts here: they decide its price."""
    fields = await with_text_of_file(fields)
    text = speakable(fields.values.get("text"), most=MAX_CHARACTERS)
    form, warnings = _form_from(fields, text, LongformForm)
    parts = await to_thread.run_sync(plan_text, form.text, form.text_kind)
    if not parts:
        raise BadRequest(
            "Text cannot be empty: without its marks nothing is left to speak.", code="text_empty"
        )
    return replace(await _order(form, fields, door, warnings), parts=parts)


async def fitting_order_from(fields: Fields, door: Door) -> SpeechOrder:
    """The order of the route that the fields are meant for: the long one for a text of more than one request,
    and for one whose `text_kind` is named."""
    if FILE in fields.files:
        return await long_order_from(fields, door)
    text = speakable(fields.values.get("text"), most=MAX_CHARACTERS)
    is_long = len(text.text) > MAX_TEXT_CHARACTERS or "text_kind" in fields.values
    return await (long_order_from if is_long else order_from)(fields, door)


async def _order(form: GenerateForm, fields: Fields, door: Door, warnings: Iterable[str]) -> SpeechOrder:
    check_callback(form.callback_url, allow_private=door.allow_private_callbacks)
    voice, heard = await _voice(form, fields, door)
    request = SpeechRequest(
        text=form.text,
        language=form.language,
        description=voice.description,
        reference=voice.reference,
        reference_text=voice.reference_text,
        cfg_value=form.cfg_value,
        inference_timesteps=form.inference_timesteps,
        seed=voice.seed,
        format=form.format,
    )
    return SpeechOrder(
        request,
        callback_url=form.callback_url,
        voice_id=form.voice_id,
        metadata=form.metadata,
        source=door.source,
        warnings=(*fields.warnings, *warnings, *heard),
    )


def fingerprint_of(method: str, path: str, asked: DataclassInstance | None = None) -> str:
    """A digest of everything in a request that decides its answer; not of its form or its boundary."""
    said = {"method": method, "path": path, "asked": None if asked is None else asdict(asked)}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=_digest).encode()).hexdigest()


def _digest(data: object) -> str:
    assert isinstance(data, bytes), "recordings are all that JSON cannot carry"
    return hashlib.sha256(data).hexdigest()


def _form_from(fields: Fields, text: CleanText, form_type: type[Form]) -> tuple[Form, list[str]]:
    names = form_type.model_fields
    known = {name: value for name, value in fields.values.items() if name in names}
    _refuse_misplaced(known, fields)
    unknown = [name for name in (*fields.values, *fields.files) if name not in names]
    warnings = [*text.warnings, *(f"The field {name[:60]} is not known and was ignored." for name in unknown)]
    for name in _CLEANED:
        if isinstance(value := known.get(name), str):
            cleaned = clean(value, name=name)
            warnings += cleaned.warnings
            known[name] = cleaned.text or None
    if isinstance(metadata := known.get("metadata"), str):
        known["metadata"] = _object_from(metadata)
    form = validated(form_type, {**known, "text": text.text})
    _check_metadata(form.metadata)
    return form, warnings


def _refuse_misplaced(known: dict[str, Any], fields: Fields) -> None:
    if _FILE_FIELD in known:
        raise Unprocessable(_FILE_FIELD, "must be a file in a multipart/form-data request.")
    for name in fields.files:
        if name != _FILE_FIELD and name in GenerateForm.model_fields:
            raise Unprocessable(name, "must be text, not a file.")


def _object_from(text: str) -> Any:
    try:
        return parse_json(text)
    except BadRequest as error:
        raise Unprocessable("metadata", 'must be a JSON object, e.g. {"order": "A-1042"}.') from error


def _check_metadata(metadata: dict[str, Any]) -> None:
    written = json.dumps(metadata, ensure_ascii=False)
    if len(written.encode()) > MAX_METADATA_BYTES:
        raise Unprocessable("metadata", "must be at most 16 KB when written as JSON.")
    if "\\u0000" in written.replace("\\\\", ""):
        raise Unprocessable("metadata", "must not hold the null character.")


def check_callback(url: str | None, *, allow_private: bool) -> None:
    """Raises Unprocessable for one that may not be called."""
    if url is None:
        return
    try:
        check_url(url, policy_for(allow_private=allow_private))
    except DestinationRefused as error:
        raise Unprocessable("callback_url", f"cannot be called. {error}") from error


async def _voice(form: GenerateForm, fields: Fields, door: Door) -> tuple[NewVoice, list[str]]:
    """The voice that was asked for, and what was sent for another one and is not used."""
    if form.voice_id is not None:
        voice = await _saved_voice(form.voice_id, door)
        unused = [name for name in ("voice_description", "voice_ref_text") if getattr(form, name)]
        unused += [_FILE_FIELD] if _FILE_FIELD in fields.files else []
        chosen = replace(voice, seed=voice.seed if form.seed is None else form.seed)
        return chosen, [f"{name} was ignored because voice_id was sent." for name in unused]
    reference, heard = await reference_from(fields.files.get(_FILE_FIELD))
    if reference is None:
        lost = ["voice_ref_text was ignored because no voice_ref was sent."] if form.voice_ref_text else []
        return NewVoice("", form.voice_description, form.seed), lost
    if form.voice_description:
        heard = (*heard, "voice_description was ignored because voice_ref was sent: the voice is cloned.")
    return NewVoice("", None, form.seed, reference, form.voice_ref_text), list(heard)


async def _saved_voice(voice_id: str, door: Door) -> NewVoice:
    try:
        return await door.saved_voice(voice_id)
    except NotFound as error:
        raise Unprocessable("voice_id", "must be the id of a voice saved in this account.") from error


async def reference_from(upload: UploadFile | None) -> tuple[bytes | None, tuple[str, ...]]:
    """The recording that was sent, if one was, and what is worth saying about it."""
    if upload is None:
        return None, ()
    if (upload.size or 0) >= MAX_BYTES:
        raise BadRequest(REFERENCE_TOO_LARGE, code="reference_too_large")
    data = await upload.read()
    try:
        info = await to_thread.run_sync(inspect, data)
    except ReferenceRejected as error:
        raise BadRequest(_sentence(str(error)), code=error.code) from error
    return data, tuple(_sentence(warning) for warning in info.warnings)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
