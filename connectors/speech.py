"""From an event's fields and the owner's options to an order: what every `parse` ends with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.echo import spoken_hash
from connectors.errors import MappingFailed
from connectors.text import holds, render
from connectors.values import Connection, Ignored, SavedVoice, SpeechOrder, Target
from engine.languages import AUTO, LANGUAGES
from engine.longform import Part, plan, read_script
from engine.values import MAX_TEXT_CHARACTERS, AudioFormat, SpeechRequest


def compose(connection: Connection, fields: Mapping[str, Any], target: Target) -> SpeechOrder | Ignored:
    """What the owner wants read of `fields`. Raises MappingFailed when their template does not fit them."""
    options = connection.options
    if not holds(options["only_when"], fields):
        return Ignored("The connection's filter “only when” leaves this one out.")
    text = render(options["text"], fields)
    if not any(letter.isalnum() for letter in text):
        return Ignored("There is nothing to read: the text is empty.")
    if len(text) > options["most_characters"]:
        raise MappingFailed(
            f"The text has {len(text)} characters, more than the {options['most_characters']} this "
            "connection allows. Shorten the template, or raise the limit in the connection's options."
        )
    request = _request(connection, text, _language(options["language"], fields))
    return SpeechOrder(
        request,
        source=connection.connector,
        parts=parts_of(text),
        target=target,
        spoken_hash=spoken_hash(request),
        voice_id=options.get("voice") or None,
    )


def parts_of(text: str) -> tuple[Part, ...]:
    """The plan of a text too long for one generation; none for a short one."""
    return tuple(plan(read_script(text))) if len(text) > MAX_TEXT_CHARACTERS else ()


def _request(connection: Connection, text: str, language: str) -> SpeechRequest:
    options = connection.options
    voice = connection.voice or SavedVoice(description=options["voice_description"] or None)
    return SpeechRequest(
        text=text,
        language=language,
        description=None if voice.reference else voice.description,
        reference=voice.reference,
        reference_text=voice.reference_text if voice.reference else None,
        cfg_value=voice.cfg_value,
        inference_timesteps=voice.inference_timesteps,
        seed=voice.seed,
        format=AudioFormat(options["format"]),
    )


def _language(option: str, fields: Mapping[str, Any]) -> str:
    """A code, or what the owner's template makes of the event: `de-AT` and `de_AT` are `de`."""
    if "{{" not in option:
        return option or AUTO
    written = render(option, fields).lower().replace("_", "-")
    code = written if written in LANGUAGES or written == AUTO else written.split("-")[0]
    if not code:
        return AUTO
    if code not in LANGUAGES and code != AUTO:
        raise MappingFailed(
            f"The language template gives “{written[:20]}”, which is none of {', '.join(LANGUAGES)}."
        )
    return code
