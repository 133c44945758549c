"""Whatever text comes, it is said, or refused in words."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.languages import LANGUAGES
from engine.text.alphabet import split_known
from engine.text.cleaning import clean
from engine.text.normalise import normalise
from engine.text.phonemes import phonemise
from engine.text.segments import MOST_PHONEMES, segment

ALPHABET = st.sampled_from(
    "abcXYZäéñ0123456789 .,!?;:()[]{}<>@#$%&*+-=/\\|~'\"…—–«»“”•★→½²°№§€£¥"
    "あんッヴュゑー々我们好〇㐀龘שלוםمرحباสวัสดีনমతెతமிԱგ㎏㈱ｱＡ１😀❤\ufe0f\u200d🇫🇷🏽⃣™©"
    "\x00\x07\u200b\u202e\ue000\ufffd\u0301\n\t\r"
)


@settings(max_examples=60, deadline=None)
@given(
    st.text(ALPHABET, min_size=1, max_size=120),
    st.sampled_from(["en", "ja", "zh", "fr", "hi", "ar", "th", "de"]),
)
@example("1" * 500, "zh")
@example("a" * 500, "en")
@example("我177509264241622681", "id")
@example("$1,2.3-4/5:6%7", "en")
def test_any_text_becomes_segments_that_fit(text: str, code: str) -> None:
    joiner = "" if LANGUAGES[code].script in ("Hans", "Jpan") else " "
    words = normalise(clean(text), code).words
    parts = segment(words, joiner, lambda part: split_known(phonemise(part, code))[0])
    assert all(0 < len(part.phonemes) <= MOST_PHONEMES for part in parts)
    assert all(len(part.places) == len(part.words) for part in parts)
