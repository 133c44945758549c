"""The form of the playground: what was filled in, and the request to the API that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from starlette.datastructures import UploadFile

from engine.values import MAX_TEXT_CHARACTERS
from hub.api.fields import Fields
from hub.pages.request_code import ApiRequest, needed
from hub.pages.visit import Visit
from hub.store.tables import Account, Generation, SavedVoice

DESCRIBE, RECORDING, SAVED = "describe", "recording", "saved"
_RECORDING_NAME = "voice.wav"


@dataclass(frozen=True, slots=True)
class SpeechForm:
    """Everything but the recording, as text. `voice` says which of the three ways to a voice counts."""

    text: str = ""
    markdown: bool = False
    language: str = "auto"
    format: str = "mp3"
    voice: str = DESCRIBE
    voice_description: str = ""
    voice_id: str = ""
    voice_ref_text: str = ""
    seed: str = ""

    @property
    def is_clone(self) -> bool:
        return self.voice == RECORDING

    def values(self) -> dict[str, Any]:
        """The fields of the API; those of a way to a voice that was not chosen are left out."""
        chosen: Mapping[str, dict[str, str]] = {
            DESCRIBE: {"voice_description": self.voice_description},
            RECORDING: {"voice_ref_text": self.voice_ref_text},
            SAVED: {"voice_id": self.voice_id},
        }
        given = {
            "text": self.text,
            "language": self.language,
            **chosen[self.voice],
            "seed": self.seed,
            "format": self.format,
            "text_kind": "markdown" if self.markdown else "",
        }
        return {name: value for name, value in given.items() if value}

    def request(self) -> ApiRequest:
        """The same as a request that can be shown as code."""
        values = {**self.values(), "seed": int(self.seed) if self.seed.isdecimal() else self.seed}
        is_long = self.markdown or len(self.text.strip()) > MAX_TEXT_CHARACTERS
        route = "/v1/tts/longform" if is_long else "/v1/tts/generate"
        recording = _RECORDING_NAME if self.is_clone else None
        return ApiRequest(route, needed(values, is_clone=self.is_clone), recording)


def sent_form(visit: Visit) -> SpeechForm:
    return _form_of({name: visit.field(name) for name in SpeechForm.__dataclass_fields__})


def opening_form(
    visit: Visit, voices: Mapping[str, SavedVoice], again: Generation | None = None
) -> SpeechForm:
    """What a fresh playground shows: the request of `again`, else what its address says, else the account's
    defaults and an example."""
    if again is not None:
        return _form_again(again, voices)
    query = visit.request.query_params
    asked = {name: query[name] for name in SpeechForm.__dataclass_fields__ if name in query}
    return _form_of({**asdict(_defaults(visit.owner, voices)), **asked})


def sent_fields(visit: Visit, form: SpeechForm) -> Fields:
    """The form as the API's own reading of a body would give it."""
    upload = visit.form.get("voice_ref")
    has_file = form.is_clone and isinstance(upload, UploadFile) and bool(upload.filename or upload.size)
    return Fields(form.values(), {"voice_ref": upload} if has_file else {})  # type: ignore[dict-item]  # has_file says that it is a file


def _form_again(generation: Generation, voices: Mapping[str, SavedVoice]) -> SpeechForm:
    """The form that makes this generation anew; an unsaved clone's recording must be given again."""
    seed = generation.seed if generation.spoken_seed is None else generation.spoken_seed
    saved = generation.voice_id if generation.voice_id and generation.voice_id in voices else ""
    way = SAVED if saved else RECORDING if generation.mode == "clone" else DESCRIBE
    return SpeechForm(
        text=generation.text,
        language=generation.language,
        format=generation.format,
        voice=way,
        voice_id=saved,
        voice_description=generation.voice_description or "",
        voice_ref_text=generation.reference_text or "",
        seed="" if seed is None else str(seed),
    )


def _defaults(account: Account, voices: Mapping[str, SavedVoice]) -> SpeechForm:
    start = SpeechForm(
        text="(warm) Hello! This is what your webhooks could sound like.",
        voice_description="A calm woman in her thirties with a low, warm voice",
        format=account.default_format or "mp3",
    )
    chosen = account.default_voice_id
    return replace(start, voice=SAVED, voice_id=chosen) if chosen is not None and chosen in voices else start


def _form_of(given: Mapping[str, Any]) -> SpeechForm:
    form = SpeechForm(**{**given, "markdown": bool(given.get("markdown"))})
    return form if form.voice in (DESCRIBE, RECORDING, SAVED) else replace(form, voice=DESCRIBE)
