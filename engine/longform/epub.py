"""The text of an EPUB book, section by section in reading order (EPUB 3.3, Open Container Format).

A book is somebody else's archive: its size, the number of its files and what they unpack to are bounded, and
nothing in it is followed outside.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from engine.errors import EngineError
from engine.longform.script import Block

MOST_FILES = 5_000
MOST_UNPACKED = 32 * 1024 * 1024
"""Bytes of all files that are read of one book."""

_CONTAINER = "META-INF/container.xml"
_ENCRYPTED = 0x1
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    NotImplementedError,
    RecursionError,
    EOFError,
    OSError,
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_GROUPS = frozenset(
    {"div", "section", "article", "header", "footer", "blockquote", "ul", "ol", "dl", "table"}
)
_BLOCKS = _HEADINGS | _GROUPS | {"p", "li", "dt", "dd", "td", "th", "tr", "figcaption", "pre", "hr"}
_SILENT = frozenset({"head", "script", "style", "nav", "svg", "math", "img", "audio", "video", "rt", "rp"})
_CLOSED = re.compile(r"<([a-zA-Z][\w:-]*)((?:\s[^<>]*?)?)/>")
_SPACES = re.compile(r"\s+")


class BookUnreadable(EngineError):
    code = "unreadable_book"


def is_epub(data: bytes) -> bool:
    return data[:4] == b"PK\x03\x04"


def read_epub(data: bytes) -> list[list[Block]]:
    """The blocks of every section that has words. Raises `BookUnreadable` with the reason."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            book = _Book(archive)
            sections = [list(_blocks(book.read(name))) for name in book.spine()]
    except _DAMAGES as error:
        raise BookUnreadable(
            "The file could not be read as an EPUB book: it is damaged or not one."
        ) from error
    return [section for section in sections if section]


class _Book:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        if len(archive.infolist()) > MOST_FILES:
            raise BookUnreadable(f"The book has more than {MOST_FILES} files.")
        self._archive = archive
        self._left = MOST_UNPACKED

    def spine(self) -> list[str]:
        """Names of the sections' files, in reading order."""
        package = _attributes(self.read(_CONTAINER), "full-path")[0]["full-path"]
        listing = self.read(package)
        folder = posixpath.dirname(package)
        files = {item.get("id", ""): item["href"] for item in _attributes(listing, "href")}
        order = [item for item in _attributes(listing, "idref") if item.get("linear") != "no"]
        names = [posixpath.normpath(posixpath.join(folder, unquote(files[item["idref"]]))) for item in order]
        return list(dict.fromkeys(names))

    def read(self, name: str) -> str:
        """A file as text, within what may still be unpacked whatever its head says."""
        found = self._archive.getinfo(name)
        if found.flag_bits & _ENCRYPTED:
            raise BookUnreadable("The book is encrypted; only open books can be spoken.")
        with self._archive.open(found) as file:
            content = file.read(self._left + 1)
        self._left -= len(content)
        if self._left < 0:
            raise BookUnreadable(f"The book unpacks to more than {MOST_UNPACKED // 1024 // 1024} MB of text.")
        return content.decode("utf-8-sig", "replace")


def _attributes(markup: str, name: str) -> list[dict[str, str]]:
    """The attributes of every element that has `name`, in order."""
    tree = LexborHTMLParser(_opened(markup))
    return [{key: value or "" for key, value in node.attributes.items()} for node in tree.css(f"[{name}]")]


def _opened(markup: str) -> str:
    """XML's empty elements as HTML writes them: `<title/>` would swallow the rest."""
    return _CLOSED.sub(r"<\1\2></\1>", markup)


def _blocks(markup: str) -> Iterator[Block]:
    body = LexborHTMLParser(_opened(markup)).body
    if body is None:
        return
    words: list[str] = []
    for text, heading in _stretches(body, heading=False):
        if text is not None:
            words.append(text)
            continue
        said = _SPACES.sub(" ", "".join(words)).strip()
        words.clear()
        if any(character.isalnum() for character in said):
            yield Block(said, heading)


def _stretches(node: LexborNode, *, heading: bool) -> Iterator[tuple[str | None, bool]]:
    """Texts, and None with what it was where a block ends."""
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield child.text(deep=False) or "", heading
        elif tag == "br":
            yield " ", heading
        elif tag in _BLOCKS:
            yield None, heading
            inside = tag in _HEADINGS
            yield from _stretches(child, heading=inside)
            yield None, inside
        elif tag not in _SILENT and child.attributes.get("epub:type") != "noteref":
            yield from _stretches(child, heading=heading)
    if node.tag == "body":
        yield None, heading
