"""Captions: lines a person can read, in two notations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.values import Word
from hub.api.captions import as_srt, as_vtt, captions


def said(*texts: str, each: float = 0.4, pause: float = 0.0) -> list[Word]:
    step = each + pause
    return [Word(text, number * step, number * step + each) for number, text in enumerate(texts)]


def lines(words: list[Word]) -> list[str]:
    return [caption.text for caption in captions(words)]


def test_a_sentence_is_a_line() -> None:
    assert lines(said("Hello", "there.", "How", "are", "you?")) == ["Hello there.", "How are you?"]


def test_a_pause_begins_a_line() -> None:
    assert lines(said("one", "two", pause=1.0)) == ["one", "two"]


def test_long_sentences_are_cut() -> None:
    assert all(len(line) <= 42 for line in lines(said(*["word"] * 60, each=0.05)))
    slow = list(captions(said(*["so"] * 30, each=1.0)))
    assert all(caption.end - caption.start <= 5.0 for caption in slow)


def test_times_go_over_hours_and_markup_is_harmless() -> None:
    words = [Word("a<b>&c", 3661.0625, 3662.5)]
    assert as_srt(words) == "1\n01:01:01,062 --> 01:01:02,500\na<b>&c\n\n"
    assert as_vtt(words) == "WEBVTT\n\n01:01:01.062 --> 01:01:02.500\na&lt;b&gt;&amp;c\n\n"


def test_no_words_no_captions() -> None:
    assert (as_srt([]), as_vtt([])) == ("", "WEBVTT\n\n")


@given(st.lists(st.text("ab.", min_size=1, max_size=30), max_size=40))
def test_no_word_is_lost(texts: list[str]) -> None:
    assert " ".join(lines(said(*texts))) == " ".join(texts)
