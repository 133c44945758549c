"""Which writing a character belongs to, and which language reads a writing that the text's own cannot."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

_RANGES = (
    (0x0041, 0x024F, "Latn"),
    (0x0259, 0x0259, "Latn"),
    (0x0370, 0x03FF, "Grek"),
    (0x0400, 0x052F, "Cyrl"),
    (0x0530, 0x058F, "Armn"),
    (0x0590, 0x05FF, "Hebr"),
    (0x0600, 0x06FF, "Arab"),
    (0x0750, 0x077F, "Arab"),
    (0x0900, 0x097F, "Deva"),
    (0x0980, 0x09FF, "Beng"),
    (0x0A00, 0x0A7F, "Guru"),
    (0x0A80, 0x0AFF, "Gujr"),
    (0x0B80, 0x0BFF, "Taml"),
    (0x0C00, 0x0C7F, "Telu"),
    (0x0C80, 0x0CFF, "Knda"),
    (0x0D00, 0x0D7F, "Mlym"),
    (0x0D80, 0x0DFF, "Sinh"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x10A0, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Hang"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FFF, "Grek"),
    (0x3040, 0x30FF, "Kana"),
    (0x3130, 0x318F, "Hang"),
    (0x31F0, 0x31FF, "Kana"),
    (0x3400, 0x4DBF, "Hani"),
    (0x4E00, 0x9FFF, "Hani"),
    (0xAC00, 0xD7AF, "Hang"),
    (0xF900, 0xFAFF, "Hani"),
    (0xFB1D, 0xFB4F, "Hebr"),
    (0xFB50, 0xFDFF, "Arab"),
    (0xFE70, 0xFEFF, "Arab"),
    (0xFF66, 0xFF9F, "Kana"),
    (0x20000, 0x3134F, "Hani"),
)

_READ_BY = {
    "Latn": "en",
    "Grek": "el",
    "Cyrl": "ru",
    "Hebr": "he",
    "Arab": "ar",
    "Deva": "hi",
    "Beng": "bn",
    "Taml": "ta",
    "Telu": "te",
    "Thai": "th",
    "Hang": "ko",
    "Kana": "ja",
    "Hani": "zh",
    "Geor": "ka",
    "Armn": "hy",
    "Guru": "pa",
    "Gujr": "gu",
    "Knda": "kn",
    "Mlym": "ml",
    "Sinh": "si",
}

_WRITES = {"Hans": {"Hani"}, "Jpan": {"Hani", "Kana"}}


def script_of(character: str) -> str | None:
    """The ISO 15924 code of a letter of a writing we know; None for everything that is shared or unknown."""
    if not character.isalpha():
        return None
    point = ord(character)
    return next((script for first, last, script in _RANGES if first <= point <= last), None)


def writes(script: str, letter: str) -> bool:
    """Whether a language written in `script` uses letters of the writing `letter`."""
    return letter in _WRITES.get(script, {script})


def runs(text: str, code: str, script: str) -> Iterator[tuple[str, str]]:
    """`text` cut where its writing changes, each piece with the language that reads it.

    Letters of the text's own `script` and all figures are read by `code`; marks go with what precedes them.
    """
    readers: list[str] = []
    for character in text:
        letter = script_of(character)
        if letter is None:
            readers.append(code if character.isdecimal() or not readers else readers[-1])
        else:
            readers.append(code if writes(script, letter) else _READ_BY[letter])
    for reader, group in groupby(zip(readers, text, strict=True), key=lambda pair: pair[0]):
        yield reader, "".join(character for _, character in group)
