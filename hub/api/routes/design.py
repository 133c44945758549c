"""Hearing several voices that fit a description before keeping one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from starlette.responses import Response

from connectors.values import SpeechOrder
from engine.values import SpeechRequest
from hub.api.call import Call
from hub.api.fields import Fields
from hub.api.idempotency import idempotency_key, stored_response
from hub.api.intake import fields_of
from hub.api.orders import fingerprint_of
from hub.api.schemas.design import DesignFields, Preview, Previews
from hub.api.schemas.generate import MAX_SEED
from hub.api.spoken_text import clean, speakable
from hub.api.validation import validated
from hub.errors import Unprocessable
from hub.jobs import Once, accept, preview_id
from hub.store.idempotency import StoredAnswer
from hub.store.tables import Generation


async def design_voice(call: Call) -> Response:
    """`POST /v1/voices/design`: seeded takes of one description, for the price of one generation."""
    key = idempotency_key(call.request)
    async with fields_of(call) as fields:
        form, warnings = design_form(fields)
    # The order without its seed decides what a repeat is: chance may choose another one.
    asked = replace(design_order(form, form.seed, warnings), metadata={"count": form.count})
    seeds = design_seeds(form)
    answer = _answer_for(call, form, seeds, warnings)
    accepted = await accept(
        call.hub,
        design_order(form, seeds[0], warnings),
        account_id=call.account_id,
        api_key_id=call.caller.key_id,
        once=None if key is None else Once(key, fingerprint_of("POST", call.request.url.path, asked), answer),
        more_seeds=seeds[1:],
    )
    if accepted.replay is not None:
        return stored_response(accepted.replay, replayed=True)
    assert accepted.generation is not None
    return stored_response(accepted.answer or answer(accepted.generation), replayed=False)


def design_form(fields: Fields) -> tuple[DesignFields, tuple[str, ...]]:
    """What is asked for, checked, and what was ignored; raises Unprocessable or BadRequest."""
    names = DesignFields.model_fields
    known = {name: value for name, value in fields.values.items() if name in names}
    unknown = [name for name in (*fields.values, *fields.files) if name not in names]
    warnings = [
        *fields.warnings,
        *(f"The field {name[:60]} is not known and was ignored." for name in unknown),
    ]
    if isinstance(described := known.get("voice_description"), str):
        known["voice_description"] = clean(described, name="voice_description").text or None
    if known.get("voice_description") is None:
        raise Unprocessable("voice_description", "must be a text of 1 to 1000 characters.")
    if known.get("text") is not None:
        spoken = speakable(known["text"])
        warnings += spoken.warnings
        known["text"] = spoken.text
    form = validated(DesignFields, known)
    if "text" not in known and form.language not in ("auto", "en"):
        raise Unprocessable(
            "text", f"must be a text in the language {form.language} for the previews to say."
        )
    return form, tuple(warnings)


def design_seeds(form: DesignFields) -> list[int]:
    """One for each preview."""
    first = secrets.randbelow(MAX_SEED) if form.seed is None else form.seed
    return [(first + number) % (MAX_SEED + 1) for number in range(form.count)]


def design_order(form: DesignFields, seed: int | None, warnings: tuple[str, ...]) -> SpeechOrder:
    """The order for one preview."""
    request = SpeechRequest(
        text=form.text,
        language=form.language,
        description=form.voice_description,
        seed=seed,
        format=form.format,
    )
    return SpeechOrder(request, source="design", warnings=warnings)


def _answer_for(
    call: Call, form: DesignFields, seeds: Sequence[int], warnings: tuple[str, ...]
) -> Callable[[Generation], StoredAnswer]:
    def answer(leader: Generation) -> StoredAnswer:
        shown = Previews(
            voice_description=form.voice_description,
            text=form.text,
            credits_used=float(leader.price),
            created_at=leader.created_at,
            previews=[_preview(call, leader, number, seed) for number, seed in enumerate(seeds)],
            warnings=list(warnings),
        )
        return StoredAnswer(202, {"Location": shown.previews[0].status_url}, shown.model_dump(mode="json"))

    return answer


def _preview(call: Call, leader: Generation, number: int, seed: int) -> Preview:
    own = preview_id(leader.id, number)
    return Preview(id=own, seed=seed, status_url=f"{call.base_url}/v1/tts/status/{own}")
