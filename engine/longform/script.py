"""What a text consists of for a reader's voice: headings and paragraphs, without their markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_SPACES = re.compile(r"\s+")


class TextKind(StrEnum):
    PLAIN = "plain"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph, on one line, never empty."""

    text: str
    heading: bool = False


def read_script(text: str, kind: TextKind = TextKind.PLAIN) -> list[Block]:
    """The blocks of `text` in reading order; code, images and raw HTML of Markdown are not read aloud."""
    blocks = _markdown(text) if kind is TextKind.MARKDOWN else map(Block, _BLANK_LINE.split(text))
    flat = (Block(_SPACES.sub(" ", block.text).strip(), block.heading) for block in blocks)
    return [block for block in flat if block.text]


def _markdown(text: str) -> Iterator[Block]:
    from markdown_it import MarkdownIt  # 6 MB that most texts do not need

    heading = False
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type in ("heading_open", "heading_close"):
            heading = token.type == "heading_open"
        elif token.type == "inline":
            yield Block("".join(_spoken(token.children or [])), heading)


def _spoken(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("text", "code_inline"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
