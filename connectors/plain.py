"""HTML made into what a reader would read out: words and paragraphs, nothing else."""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.errors import MappingFailed

OUR_PLAYER: Final = "sayhook-audio"
"""The class of our own player wherever it stands in a platform's text: it must never be read."""

_LOOKS_LIKE_HTML = re.compile(
    r"</?[a-zA-Z][^<>]*>|<!--|&(?:[a-zA-Z]{2,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});"
)
_UNREAD: Final = frozenset({
    "script", "style", "template", "noscript", "svg", "math", "audio", "video", "iframe", "object",
    "embed", "canvas", "form", "button", "select", "table", "figure", "nav", "head",
})  # fmt: skip
_BLOCKS: Final = frozenset({
    "p", "div", "section", "article", "aside", "header", "footer", "main", "blockquote", "pre",
    "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "address",
    "details", "summary", "body",
})  # fmt: skip
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r" ?\n[ \n]*\n ?")
_LINE_EDGES = re.compile(r" ?\n ?")
_TEXT: Final = "-text"


MOST_TAGS: Final = 10_000
"""More is not a text; and the time to parse tags that never close grows with the square of their number."""


def tags_in(text: str) -> int:
    return text.count("<")


def looks_like_html(text: str) -> bool:
    return _LOOKS_LIKE_HTML.search(text) is not None


def plain(html: str) -> str:
    """The readable text of `html`: paragraphs separated by a blank line, lines by a line end.

    Scripts, media, tables, figures and our own player are left out. Text without markup only has its
    blanks tidied. Raises MappingFailed when there are more than MOST_TAGS tags.
    """
    if not looks_like_html(html):
        return _tidy(html)
    if tags_in(html) > MOST_TAGS:
        raise MappingFailed(f"The HTML has more than {MOST_TAGS} tags, too many for a text to read.")
    body = LexborHTMLParser(html).body
    return _tidy("".join(_pieces(body))) if body is not None else ""


def _pieces(body: LexborNode) -> list[str]:
    """Depth first without recursion: nesting is the sender's to choose."""
    pieces: list[str] = []
    waiting: list[LexborNode | str] = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif node.tag == _TEXT:
            pieces.append(re.sub(r"\s+", " ", node.text_content or ""))
        elif node.tag == "br":
            pieces.append("\n")
        elif _is_read(node):
            edge = ["\n\n"] if node.tag in _BLOCKS else []
            waiting += [*edge, *reversed(list(node.iter(include_text=True))), *edge]
    return pieces


def _is_read(node: LexborNode) -> bool:
    if node.tag in _UNREAD or not (node.tag or "-")[0].isalpha():
        return False
    attributes = node.attributes
    return OUR_PLAYER not in (attributes.get("class") or "").split() and "hidden" not in attributes


def _tidy(text: str) -> str:
    spaced = _BLANKS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _LINE_EDGES.sub("\n", _BLANK_LINES.sub("\n\n", spaced)).strip()
