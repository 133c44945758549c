"""What may be spoken: the text as it was sent, made clean, or the reason why not."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from engine.directions import spoken_words
from engine.longform import MAX_CHARACTERS
from engine.values import MAX_TEXT_CHARACTERS
from hub.errors import BadRequest, Unprocessable

_KEPT_CONTROLS = frozenset("\n\t")
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Unicode categories of characters that leave nothing to say: controls, formats, spaces, line ends."""


@dataclass(frozen=True, slots=True)
class CleanText:
    text: str
    warnings: tuple[str, ...] = ()


def clean(text: str, *, name: str = "text") -> CleanText:
    """NFC, Unix line ends, no control characters but new line and tab, trimmed."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(
        letter for letter in composed if letter in _KEPT_CONTROLS or unicodedata.category(letter) != "Cc"
    )
    warning = f"Control characters were taken out of {name}."
    return CleanText(kept.strip(), (warning,) if len(kept) < len(composed) else ())


def speakable(value: object, *, most: int = MAX_TEXT_CHARACTERS) -> CleanText:
    """The `text` field, clean; raises BadRequest when it is blank or longer than `most` characters,
    Unprocessable when it is no text at all."""
    if value is None:
        raise _empty()
    if not isinstance(value, str):
        raise Unprocessable("text", f"must be a text of 1 to {most} characters.")
    cleaned = clean(value)
    if not _can_be_seen(cleaned.text):
        raise _empty()
    if len(cleaned.text) > most:
        raise BadRequest(
            f"Text must be at most {most} characters; this one has {len(cleaned.text)}. {_mend(most)}",
            code="text_too_long",
        )
    if not _can_be_seen(spoken_words(cleaned.text)):
        raise BadRequest(
            "Text cannot be empty: only directions were sent. Put the words to speak behind them.",
            code="text_empty",
        )
    return cleaned


def _mend(most: int) -> str:
    if most < MAX_CHARACTERS:
        return "Longer texts go to POST /v1/tts/longform."
    return "Send it in several requests."


def _can_be_seen(text: str) -> bool:
    return any(unicodedata.category(letter) not in _UNSEEN for letter in text)


def _empty() -> BadRequest:
    return BadRequest("Text cannot be empty. Send 1 to 500 characters in the field text.", code="text_empty")
