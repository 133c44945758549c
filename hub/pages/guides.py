"""A connector's own documentation, from the README in its folder, as a piece of its pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connectors.connector import Connector

if TYPE_CHECKING:
    from markdown_it.token import Token

_DEEPER: Final = {"h2": "h3", "h3": "h4"}
_ELSEWHERE: Final = ("https://", "http://")


def guide(connector: Connector) -> str:
    """HTML without its title, which the page has already."""
    return _rendered(connector.folder)


@cache
def _rendered(folder: Path) -> str:
    from markdown_it import MarkdownIt  # 6 MB that a hub needs when its owner looks at a platform

    text = (folder / "README.md").read_text("utf-8")
    # No HTML of the file's own: a connector may come from anybody's package.
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = list(_fitted(markdown.parse(text)))
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _fitted(tokens: Iterable[Token]) -> Iterator[Token]:
    """Headings below the page's own; links only to where a browser can go from here."""
    is_title = False
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            is_title = token.tag == "h1" and token.type == "heading_open"
            if token.tag == "h1":
                continue
            token.tag = _DEEPER.get(token.tag, token.tag)
        if is_title:
            continue
        if token.children:
            token.children = list(_without_dead_links(token.children))
        yield token


def _without_dead_links(children: Iterable[Token]) -> Iterator[Token]:
    is_dead = False
    for token in children:
        if token.type == "link_open":
            is_dead = not str(token.attrGet("href") or "").startswith(_ELSEWHERE)
        if not (is_dead and token.type in ("link_open", "link_close")):
            yield token
