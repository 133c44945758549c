"""A text that was sent as a file: an EPUB book, Markdown or plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from anyio import to_thread

from engine.longform import MAX_CHARACTERS, Block, TextKind
from engine.longform.epub import BookUnreadable, is_epub, read_epub
from hub.api.fields import Fields
from hub.errors import BadRequest, Unprocessable

FILE, SECTION = "file", "section"
MAX_FILE = 10 * 1024 * 1024

_MARKS = re.compile(r"([\\`*_<>\[\]&|~])")
_LINE_MARKS = re.compile(r"^(\d{0,9})([#+=.)-])")


async def with_text_of_file(fields: Fields) -> Fields:
    """The fields with the file's text in place of the file; the same fields when there is none.

    Raises BadRequest or Unprocessable when it cannot be read, or is too long to be one order.
    """
    upload = fields.files.get(FILE)
    if upload is None:
        return fields
    if fields.values.get("text"):
        raise Unprocessable("text", "must not be sent together with file.")
    if (upload.size or 0) > MAX_FILE:
        raise BadRequest("The file must be at most 10 MB.", code="file_too_large")
    data = await upload.read()
    name = (upload.filename or "").lower()
    if is_epub(data):
        text = await to_thread.run_sync(_of_book, data, fields.values.get(SECTION))
        kind: object = TextKind.MARKDOWN
    else:
        text = _plain(data)
        kind = fields.values.get("text_kind") or (
            TextKind.MARKDOWN if name.endswith((".md", ".markdown")) else TextKind.PLAIN
        )
    values = {key: value for key, value in fields.values.items() if key != SECTION}
    files = {key: file for key, file in fields.files.items() if key != FILE}
    return replace(fields, values={**values, "text": text, "text_kind": kind}, files=files)


def _plain(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(
            "The file must be an EPUB book, or text in UTF-8.", code="unreadable_file"
        ) from error


def _of_book(data: bytes, wanted: object) -> str:
    try:
        sections = read_epub(data)
    except BookUnreadable as error:
        raise BadRequest(str(error), code=error.code) from error
    if not sections:
        raise BadRequest("Text cannot be empty: the book holds no words.", code="text_empty")
    if wanted is not None:
        sections = [sections[_number(wanted, len(sections)) - 1]]
    text = "\n\n".join(_markdown(block) for section in sections for block in section)
    if len(text) > MAX_CHARACTERS and wanted is None:
        listed = "; ".join(f"{at} {_title(section)}" for at, section in enumerate(sections[:40], start=1))
        raise BadRequest(
            f"Text must be at most {MAX_CHARACTERS} characters; this book has {len(text)}. Send one of its "
            f"{len(sections)} sections at a time, by its number in the field section: {listed}.",
            code="text_too_long",
        )
    return text


def _number(wanted: object, count: int) -> int:
    text = str(wanted).strip()
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= count):
        raise Unprocessable(SECTION, f"must be a whole number from 1 to {count}.")
    return int(text)


def _title(section: Sequence[Block]) -> str:
    return next((block.text for block in section if block.heading), section[0].text)[:40]


def _markdown(block: Block) -> str:
    text = _LINE_MARKS.sub(r"\1\\\2", _MARKS.sub(r"\\\1", block.text))
    return f"# {text}" if block.heading else text
