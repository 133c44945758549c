from __future__ import annotations

import pytest

from engine.longform import Block, epub
from engine.longform.epub import BookUnreadable, is_epub, read_epub
from tests.engine.longform.books import book

ONE = "OPS/text/chapter one.xhtml"


def test_a_book_is_read_in_order_without_what_is_not_text() -> None:
    assert is_epub(book())
    assert read_epub(book()) == [
        [
            Block("The Sea", heading=True),
            Block("It was calm that morning. Nobody * spoke & slept."),
            Block("Loose words"),
            Block("Inner."),
            Block("after."),
        ],
        [Block("Two", heading=True), Block("1. First"), Block("# Second")],
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 no archive",
        book()[:400],
        book({"META-INF/container.xml": "<container/>"}),
        book({"OPS/book.opf": "<package><spine><itemref idref='x'/></spine></package>"}),
        book({"META-INF/container.xml": "<rootfile full-path='../../etc/passwd'/>"}),
        book({ONE: "<div>" * 20_000 + "deep"}),
    ],
)
def test_a_damaged_book_is_refused_in_plain_words(data: bytes) -> None:
    with pytest.raises(BookUnreadable, match="could not be read as an EPUB book"):
        read_epub(data)


def test_what_a_book_unpacks_to_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epub, "MOST_UNPACKED", 100_000)
    with pytest.raises(BookUnreadable, match="unpacks to more than"):
        read_epub(book({ONE: b"<p>" + b"a" * 5_000_000}))
    monkeypatch.setattr(epub, "MOST_FILES", 3)
    with pytest.raises(BookUnreadable, match="more than 3 files"):
        read_epub(book())
