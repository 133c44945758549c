"""Text as it arrives made regular: one Unicode form, no control characters, plain whitespace."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufff9-\ufffd\ud800-\udfff\ufdd0-\ufdef]")
_LINES = re.compile(r"[^\S\n]*(?:\r\n?|\n|\v|\f|\u0085|\u2028|\u2029)\s*")
_SPACES = re.compile(r"[^\S\n]+")
_PLAIN = str.maketrans({"−": "-", "‐": "-", "‑": "-", "⁄": "/", "´": "'", "`": "'"})


def clean(text: str) -> str:
    """One line of NFC text; line breaks survive as `\\n`."""
    text = unicodedata.normalize("NFC", text)
    text = _LINES.sub("\n", text)
    text = _INVISIBLE.sub("", _CONTROLS.sub(" ", text))
    text = _narrow(text).translate(_PLAIN)
    return _SPACES.sub(" ", text).strip()


def _narrow(text: str) -> str:
    """Full-width Latin letters and digits as plain ones; other compatibility forms stay."""
    return "".join(
        chr(ord(character) - 0xFEE0)
        if "\uff10" <= character <= "\uff5a" and character.isalnum()
        else character
        for character in text
    )
