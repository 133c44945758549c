from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.longform import Block, TextKind, plan, plan_text, read_script
from engine.longform.plan import HEADING_PAUSE, PARAGRAPH_PAUSE


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=400), st.integers(5, 60))
def test_nothing_is_lost_or_repeated_and_every_part_fits(text: str, most: int) -> None:
    parts = plan(read_script(text), most)
    assert squeezed("".join(part.text for part in parts)) == squeezed(text)
    assert all(0 < len(part.text) <= most for part in parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One two. Three four! Five?", ["One two.", "Three four!", "Five?"]),
        ("Dr. Who met Mr. X. He ran.", ["Dr. Who met Mr.", "X. He ran."]),
        ('He said "go." Then left.', ['He said "go."', "Then left."]),
        ("今日は晴れ。明日は雨です。", ["今日は晴れ。", "明日は雨です。"]),
        ("first clause, second one, ending", ["first clause,", "second one,", "ending"]),
        ("abcdefghijklmnopqrstuvwxyz", ["abcdefghijklmno", "pqrstuvwxyz"]),
    ],
)
def test_cuts_fall_at_the_best_edge(text: str, expected: list[str]) -> None:
    most = 8 if "今" in text else 15
    assert [part.text for part in plan([Block(text)], most)] == expected


def test_sentences_that_fit_together_stay_together() -> None:
    assert [part.text for part in plan([Block("One. Two. Three. Four.")], 12)] == [
        "One. Two.",
        "Three. Four.",
    ]


def test_paragraphs_and_headings_pause_longer_and_the_end_does_not() -> None:
    parts = plan(read_script("# The Sea\n\nIt was calm.\n\nIt was blue.", TextKind.MARKDOWN))
    assert [(part.text, part.pause, part.heading) for part in parts] == [
        ("The Sea", HEADING_PAUSE, "The Sea"),
        ("It was calm.", PARAGRAPH_PAUSE, None),
        ("It was blue.", 0.0, None),
    ]


def test_markdown_is_read_without_its_marks() -> None:
    text = "A **bold** [link](http://x.example) with `code`.\n\n- one\n- two\n\n"
    text += "```\nhidden()\n```\n\n<div>hidden</div>\n\n<b>shown</b>\n\n![hidden](a.png)"
    assert [block.text for block in read_script(text, TextKind.MARKDOWN)] == [
        "A bold link with code.",
        "one",
        "two",
        "shown",
    ]


def test_plain_text_keeps_what_looks_like_marks() -> None:
    assert read_script("# one\n\n  \n*two*") == [Block("# one"), Block("*two*")]


def test_an_empty_text_has_no_parts() -> None:
    assert plan(read_script(" \n\n \n")) == []


def test_a_leading_cue_colours_every_part_and_counts_towards_its_length() -> None:
    parts = plan_text("(slow, warm) " + "It was a quiet night by the sea. " * 40)
    assert len(parts) > 2
    assert all(part.text.startswith("(slow, warm) It was") and len(part.text) <= 500 for part in parts)
