"""What `POST /v1/tts/longform` takes: the fields of a speech request, with room for a chapter."""

from __future__ import annotations

from pydantic import Field, field_validator

from engine.longform import MAX_CHARACTERS, TextKind
from hub.api.schemas.generate import Absent, Binary, GenerateFields, GenerateForm


class LongformFields(GenerateFields):
    """A long text. It is spoken in parts of at most 500 characters, each charged as one request."""

    text: str = Field(
        min_length=1,
        max_length=MAX_CHARACTERS,
        description="What to speak. Blank lines part paragraphs; a cue in parentheses holds until the next "
        "one, across parts.",
        examples=["# The Sea\n\nIt was calm that morning.\n\nNobody spoke."],
    )
    text_kind: TextKind = Field(
        TextKind.PLAIN,
        description="`markdown` leaves marks, code and images unread and pauses at headings, which become "
        "chapters.",
    )

    @field_validator("text_kind", mode="before")
    @classmethod
    def _kind_in_lower_case(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value


class LongformForm(LongformFields, GenerateForm):
    """The same fields, and the files that only a multipart form can carry."""

    file: Binary = Field(
        None,
        description="The text as a file, instead of `text`: an EPUB book, Markdown (`.md`) or plain text "
        "in UTF-8, at most 10 MB.",
    )
    section: int | Absent = Field(
        None, ge=1, description="Which section of the book to speak, when it is too long for one order."
    )
