from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.text.pieces import SpokenWord
from engine.text.segments import MOST_PHONEMES, SENTENCE_PAUSE, TARGET_PHONEMES, segment


def words(text: str) -> list[SpokenWord]:
    return [SpokenWord(word, word) for word in text.split()]


def same(text: str) -> str:
    return text


def test_short_sentences_are_said_in_one_breath() -> None:
    (only,) = segment(words("One. Two! Three?"), " ", same)
    assert only.text == "One. Two! Three?"
    assert only.pause == SENTENCE_PAUSE


def test_sentences_are_joined_only_up_to_the_target() -> None:
    parts = segment(words("This is one sentence of some length, is it not? " * 12), " ", same)
    assert len(parts) > 2
    assert all(len(part.phonemes) <= TARGET_PHONEMES for part in parts)
    assert all(part.text.endswith("?") for part in parts)


def test_an_initial_does_not_end_a_sentence() -> None:
    parts = segment(words("J. R. Smith said so, " + "and so on and on, " * 20 + "in the end."), " ", same)
    assert not parts[0].text.endswith("R.")


def test_a_long_sentence_is_cut_at_clauses_first() -> None:
    parts = segment(words("word " * 60 + "clause, " + "word " * 60), " ", same)
    assert parts[0].text.endswith("clause,")


def test_marks_alone_are_no_segment() -> None:
    assert segment(words("... ( ) !"), " ", same) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abc,.!?", max_size=700).map("a".__add__), min_size=1, max_size=30))
def test_nothing_is_lost_and_everything_fits(texts: list[str]) -> None:
    given_words = words(" ".join(texts))
    parts = segment(given_words, " ", same)
    assert all(len(part.phonemes) <= MOST_PHONEMES for part in parts)
    said = "".join(part.text for part in parts).replace(" ", "")
    assert said == "".join(word.spoken for word in given_words)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abc,.!?", max_size=9).map("a".__add__), min_size=1, max_size=60))
def test_every_word_has_its_place_in_order(texts: list[str]) -> None:
    for part in segment(words(" ".join(texts)), " ", same):
        assert len(part.places) == len(part.words)
        assert all(0 <= first < last <= len(part.phonemes) for first, last in part.places)
        starts = [first for first, _ in part.places]
        assert starts == sorted(starts)
