from __future__ import annotations

import json
from importlib import resources

import pytest
from kokoro_onnx.config import DEFAULT_VOCAB

from engine.text.alphabet import alphabet, split_known
from engine.text.phonemes import loss, phonemise


@pytest.mark.parametrize(
    ("text", "code", "phonemes"),
    [
        ("Hello, world!", "en", "həlˈO, wˈɜɹld!"),
        ("water, choice", "en", "wˈɔTəɹ, ʧˈYs"),
        ("Bonjour le monde.", "fr", "bɔ̃ʒˈuʁ lə mˈɔ̃d."),
        ("Buenos días", "es", "bwˈenos ðˈias"),
        ("日本語", "ja", "ɲihoŋɡo"),
    ],
)
def test_words_become_the_models_phonemes(text: str, code: str, phonemes: str) -> None:
    assert phonemise(text, code) == phonemes


def test_british_english_has_its_own_vowels() -> None:
    assert phonemise("bath", "en", british=True) != phonemise("bath", "en")


def test_mandarin_keeps_its_tones() -> None:
    assert "↓" in phonemise("你好", "zh")


@pytest.mark.parametrize("text", ['He said: "Stop (now)!"', "Wait… what?", "one; two — three"])
def test_punctuation_is_kept(text: str) -> None:
    phonemes = phonemise(text, "en")
    assert [mark for mark in phonemes if mark in ';:!?—…"()'] == [
        mark for mark in text if mark in ';:!?—…"()'
    ]


def test_words_of_another_writing_are_read_in_their_language() -> None:
    mixed = phonemise("We say 你好 and Привет", "en")
    assert phonemise("你好", "zh") in mixed
    assert phonemise("Привет", "ru") in mixed


def test_decimals_and_clock_times_are_not_cut_at_their_marks() -> None:
    assert "," not in phonemise("3,50 Euro", "de")


def test_the_alphabet_is_that_of_the_published_model() -> None:
    assert alphabet() == DEFAULT_VOCAB
    assert (
        json.loads(resources.files("engine.text").joinpath("alphabet.json").read_text("utf-8")) == alphabet()
    )


def test_what_the_alphabet_lacks_is_counted_before_it_is_dropped() -> None:
    lost, written = loss("Xin chào buổi sáng", "vi")
    assert 0.05 < lost / written < 0.3, "tones are symbols too"
    assert loss("Guten Morgen", "de")[0] == 0


def test_unknown_sounds_are_told() -> None:
    assert split_known("aʘb") == ("ab", ("ʘ",))


@pytest.mark.parametrize("text", ["ヴュゔャ", "っ", "ー々〇", "ゐゑヰヱ", "㈱ﾃｽﾄ"])
def test_odd_kana_are_read_or_left_but_never_fail(text: str) -> None:
    assert isinstance(phonemise(text, "ja"), str)


def test_figures_between_other_writings_stay_in_the_texts_own_language() -> None:
    assert phonemise("7", "en") in phonemise("我 7", "en")
