"""The owner's options: those every connector that reads has, its own ones, and what was given, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from connectors.errors import MappingFailed, OptionInvalid
from connectors.manifest import AddressField, Manifest, Option
from connectors.text import check_condition, check_template
from engine.languages import AUTO, LANGUAGES
from engine.values import AudioFormat

MAX_CHARACTERS: Final = 2000
"""Longest text option."""

STANDARD: Final = (
    Option(
        name="text",
        type="template",
        label="What is read aloud",
        help="A template over the event's fields. {{ name }} is a field, {{ description | sentences(3) }} "
        "its first three sentences. HTML is taken out.",
        required=True,
    ),
    Option(
        name="only_when",
        type="condition",
        label="Only when",
        help='A condition over the same fields, for instance: status == "publish". Empty means always.',
    ),
    Option(
        name="voice_description",
        type="text",
        label="Voice",
        help="Plain English, for instance: warm woman in her forties, slow pace. Empty takes the account's "
        "default voice, or the language's own.",
    ),
    Option(name="voice", type="voice", label="Saved voice", help="Instead of a description."),
    Option(
        name="language",
        type="language",
        label="Language",
        help="auto, a code such as de, or a template such as {{ lang }}.",
        default=AUTO,
    ),
    Option(
        name="format",
        type="choice",
        label="Audio format",
        default=AudioFormat.MP3.value,
        choices=[kind.value for kind in AudioFormat],
    ),
    Option(
        name="most_characters",
        type="number",
        label="Longest text",
        help="Characters. A longer text is kept for you to look at and not spoken, so that no single event "
        "can use up your credits.",
        default=5000,
        least=1,
        most=200_000,
    ),
)


def form_of(manifest: Manifest) -> tuple[Option, ...]:
    """Every option of a connector, in the order of its form."""
    if manifest.speech is None:
        return tuple(manifest.options)
    starts: dict[str, str] = {"text": manifest.speech.text, "only_when": manifest.speech.only_when}
    standard = (
        option.model_copy(update={"default": starts.get(option.name, option.default)}) for option in STANDARD
    )
    return (*standard, *manifest.options)


def checked(form: tuple[Option, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every option with its value or default. Raises OptionInvalid for the first that does not fit."""
    known = {option.name for option in form}
    for name in given:
        if name not in known:
            raise OptionInvalid(name, f"There is no option {name!r}; there are {', '.join(sorted(known))}.")
    return {option.name: _checked(option, given.get(option.name, option.default)) for option in form}


def _checked(option: Option, value: Any) -> Any:
    match option.type:
        case "yes_no":
            return _kind(option, value, bool, "must be yes or no")
        case "number":
            return _number(option, _kind(option, value, int, "must be a whole number"))
    text = _kind(option, value, str, "must be a text").strip()
    if option.required and not text:
        raise _wrong(option, "must not be empty")
    if len(text) > MAX_CHARACTERS:
        raise _wrong(option, f"must be at most {MAX_CHARACTERS} characters long")
    if text or option.choices:
        _check_text(option, text)
    return text


def _check_text(option: Option, text: str) -> None:
    try:
        match option.type:
            case "template":
                check_template(text)
            case "condition":
                check_condition(text)
            case "language":
                _check_language(option, text)
            case "choice" if text not in option.choices:
                raise _wrong(option, f"must be one of {', '.join(option.choices)}")
            case "url" if not _is_url(text):
                raise _wrong(option, "must be a web address that begins with https://")
    except MappingFailed as error:
        raise OptionInvalid(option.name, f"{option.label}: {error}") from error


def _check_language(option: Option, text: str) -> None:
    if "{{" in text:
        check_template(text)
    elif text != AUTO and text not in LANGUAGES:
        raise _wrong(option, f"must be {AUTO} or one of {', '.join(LANGUAGES)}")


def _kind(option: Option, value: Any, kind: type, sentence: str) -> Any:
    if type(value) is not kind:
        raise _wrong(option, sentence)
    return value


def _number(option: Option, value: int) -> int:
    if option.least is not None and value < option.least:
        raise _wrong(option, f"must be at least {option.least}")
    if option.most is not None and value > option.most:
        raise _wrong(option, f"must be at most {option.most}")
    return value


def base_url(given: str, field: AddressField, *, allow_http: bool = False) -> str:
    """`shop.example/store/` becomes `https://shop.example/store`. Raises OptionInvalid."""
    text = given.strip()
    text = text if "://" in text else f"https://{text}"
    secure = f"https{text.removeprefix('http')}" if allow_http and text.startswith("http://") else text
    if not _is_url(secure) or "@" in text or "?" in text or "#" in text:
        raise OptionInvalid("address", f"{field.label} must be a web address that begins with https://.")
    text = text.rstrip("/")
    if field.pattern and text.startswith("https://") and not re.fullmatch(field.pattern, text):
        raise OptionInvalid("address", f"{field.label} must look like {field.example}.")
    return text


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not any(letter.isspace() for letter in text)


def _wrong(option: Option, sentence: str) -> OptionInvalid:
    return OptionInvalid(option.name, f"{option.label} {sentence}.")
