"""A refusal of the API in words for a form: at its field where it has one, above the form where not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from hub.errors import HubError, InsufficientCredits, Unprocessable

FORM = "form"
"""Stands for the whole form."""

PRICE = "price"

_FIELD_OF_CODE: Mapping[str, str] = MappingProxyType(
    {
        "text_empty": "text",
        "text_too_long": "text",
        "invalid_reference": "voice_ref",
        "reference_too_large": "voice_ref",
        "voice_name_taken": "name",
    }
)
_FOR_PROGRAMS = re.compile(r" [^.]*(POST /v1|in the field text)[^.]*\.")
"""The sentence that names a route or a field of the API, which a form chooses by itself."""


def refusal_of(error: HubError) -> tuple[str, str]:
    """The field it belongs to and the sentence to show there."""
    if isinstance(error, Unprocessable):
        return error.field, _capital(error.detail.removeprefix(f"{error.field}: "))
    if isinstance(error, InsufficientCredits):
        return PRICE, error.detail
    return _FIELD_OF_CODE.get(error.code, FORM), _FOR_PROGRAMS.sub("", error.detail)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
