from __future__ import annotations

import pytest

from connectors.errors import MappingFailed
from connectors.plain import MOST_TAGS, plain


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello <b>big</b>\n  world</p>", "Hello big world"),
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("<ul><li>Red</li><li>Blue<br>green</li></ul>", "Red\n\nBlue\ngreen"),
        ("Fish &amp; chips&nbsp;&mdash; 5 &lt; 6", "Fish & chips — 5 < 6"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        ("a<script>steal()</script><style>p{}</style><!-- note -->b", "ab"),
        ("<table><tr><td>1</td></tr></table><p>After</p>", "After"),
        ('<div class="big sayhook-audio">Listen</div><p>Text</p>', "Text"),
        ("<p hidden>Secret</p><my-tag>Shown</my-tag>", "Shown"),
        ("<p>Unclosed <b>tags", "Unclosed tags"),
        ("H<sub>2</sub>O", "H2O"),
        ("<h2>Title</h2>Text", "Title\n\nText"),
        ("", ""),
    ],
)
def test_what_is_read_of_html(html: str, text: str) -> None:
    assert plain(html) == text


def test_deep_nesting_is_read_or_refused() -> None:
    assert plain("<div>" * 5000 + "deep") == "deep"
    with pytest.raises(MappingFailed, match="too many"):
        plain("<div>" * (MOST_TAGS + 1) + "deep")
