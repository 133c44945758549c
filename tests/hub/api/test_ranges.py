"""Range headers against a file of ten bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.api.ranges import RangeNotSatisfiable, Span, requested_span


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("bytes=0-4", Span(0, 5)),
        ("bytes=9-", Span(9, 1)),
        ("bytes=0-10", Span(0, 10)),
        ("bytes=-1", Span(9, 1)),
        ("bytes=-11", Span(0, 10)),
        ("bytes=0-4,", Span(0, 5)),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
    ],
)
def test_parts(header: str | None, expected: Span | None) -> None:
    assert requested_span(header, 10) == expected


@pytest.mark.parametrize(
    "header",
    ["bytes=10-", "bytes=4-3", "bytes=-0", "bytes=-", "bytes", "bytes=a-b", "bytes=0x1-", "bytes=1.5-"],
)
def test_none(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        requested_span(header, 10)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-5", "bytes=0-0"])
def test_an_empty_file_has_no_parts(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        requested_span(header, 0)


@given(st.text(max_size=30), st.integers(0, 100))
def test_no_header_is_too_odd(tail: str, size: int) -> None:
    try:
        span = requested_span("bytes=" + tail, size)
    except RangeNotSatisfiable:
        return
    assert span is None or (span.start >= 0 and span.length > 0 and span.start + span.length <= size)
