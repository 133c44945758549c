"""An owner's own pronunciations: matched whole, said as wished, shown as written."""

from __future__ import annotations

import pytest

from engine.speaker import Engine
from engine.text.dictionary import Dictionary
from engine.text.normalise import normalise
from engine.text.phonemes import from_ipa, phonemise
from engine.values import Pronunciation, SpeechRequest

ENTRIES = [
    Pronunciation("siobhan", respelling="shi-vawn"),
    Pronunciation("US", respelling="you ess"),
    Pronunciation("C++", respelling="see plus plus", language="en"),
    Pronunciation("C++", respelling="anything else"),
    Pronunciation("Köln", respelling="Kölle", language="de"),
    Pronunciation("Nginx", ipa="/ˈɛndʒɪn ˈɛks/"),
    Pronunciation("Nginx Unit", ipa="ˈjuːnɪt"),
]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Siobhan's SIOBHAN", "shi-vawn's shi-vawn"),
        ("The US and us, not USA.", "The you ess and us, not USA."),
        ("C++!", "see plus plus!"),
        ("Köln and Siobhanna", "Köln and Siobhanna"),
        ("It costs $3, Siobhan.", "It costs three dollars, shi-vawn."),
    ],
)
def test_whole_words_are_respelled(text: str, spoken: str) -> None:
    words = normalise(text, "en", Dictionary(ENTRIES, "en")).words
    assert " ".join(word.spoken for word in words) == spoken
    assert " ".join(word.shown for word in words) == text


def test_ipa_is_said_in_its_place_and_needs_a_backend_that_takes_it() -> None:
    dictionary = Dictionary(ENTRIES, "en")
    text = "We run Nginx, then Nginx Unit."
    words = " ".join(word.spoken for word in normalise(text, "en", dictionary).words)
    told = dictionary.phonemes(words, lambda part: phonemise(part, "en"), lambda ipa: from_ipa(ipa, "en"))
    assert told == "wi ɹˈʌn ˈɛnʤɪn ˈɛks, ðˈɛn ˈjuːnɪt."
    without = normalise(text, "en", Dictionary(ENTRIES, "en", ipa=False)).words
    assert "Nginx," in [word.spoken for word in without]


def test_unspaced_writing_is_matched_inside() -> None:
    entries = [Pronunciation("東京", respelling="とうきょう")]
    words = normalise("東京都へ。", "ja", Dictionary(entries, "ja")).words
    assert "とうきょう" in "".join(word.spoken for word in words)


def test_the_engine_says_it_and_shows_the_word(engine: Engine) -> None:
    plain = SpeechRequest(text="Ask Nginx now.", language="en")
    own = SpeechRequest(text="Ask Nginx now.", language="en", pronunciations=tuple(ENTRIES))
    said, otherwise = engine.speak(own), engine.speak(plain)
    assert [word.text for word in said.words] == ["Ask", "Nginx", "now."]
    assert said.audio != otherwise.audio
    assert said.warnings == ()
