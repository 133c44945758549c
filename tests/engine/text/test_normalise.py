from __future__ import annotations

import pytest

from engine.text.cleaning import clean
from engine.text.normalise import normalise


def spoken(text: str, code: str = "en") -> str:
    return " ".join(word.spoken for word in normalise(clean(text), code).words)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It cost $3.50.", "It cost three dollars and fifty cents."),
        ("€1,200.00", "one thousand two hundred euros"),
        ("$1", "one dollar"),
        ("$1.2 million and £5m", "one point two million dollars and five million pounds"),
        ("$5-10", "five to ten dollars"),
        ("50% of 1,234.5", "fifty percent of one thousand two hundred thirty-four point five"),
        ("50-60%", "fifty to sixty percent"),
        ("-5°C", "minus five degrees Celsius"),
        ("5km at 60 mph", "five kilometers at sixty miles per hour"),
        ("1 lb", "one pound"),
        ("2026-11-22", "November twenty-second, twenty twenty-six"),
        ("11/22/2026", "November twenty-second, twenty twenty-six"),
        ("22/11/2026", "November twenty-second, twenty twenty-six"),
        ("May 5", "May fifth"),
        ("the 3rd of May 1999", "the third of May nineteen ninety-nine"),
        ("at 10:30 am", "at ten thirty AM"),
        ("at 14:05", "at fourteen oh five"),
        ("at 9 p.m. sharp", "at nine PM sharp"),
        ("in 1984 and the 1990s", "in nineteen eighty-four and the nineteen nineties"),
        ("2020–2024", "twenty twenty to twenty twenty-four"),
        ("the 21st, 2nd", "the twenty-first, second"),
        ("1/2 and 2 3/4", "one half and two and three quarters"),
        ("2 1/2 hours, 2 tsp", "two and a half hours, two teaspoons"),
        ("May 5-7, 2026", "May fifth to seventh, twenty twenty-six"),
        ("June 3–5", "June third to fifth"),
        ("200 x 90 cm", "two hundred by ninety centimeters"),
        ("in 1066, not 1066 dollars", "in ten sixty-six, not one thousand sixty-six dollars"),
        ("Henry VIII's ship, Pope John I", "Henry the eighth's ship, Pope John the first"),
        ("World War II, Chapter XIV", "World War two, Chapter fourteen"),
        ("To Mary I gave vitamin C and IV fluids", "To Mary I gave vitamin C and IV fluids"),
        ("007", "zero zero seven"),
        (
            "12345678901234567",
            "one two three four five six seven eight nine zero one two three four five six seven",
        ),
        ("+1 (555) 123-4567", "plus one, five five five, one two three, four five six seven"),
        ("Dr. Smith vs. Mr. Jones", "Doctor Smith versus Mister Jones"),
        ("St. Mary on Main St.", "Saint Mary on Main Street"),
        ("R&D @ 5 + 3", "R and D at five plus three"),
        ("#1 #sale", "number one hashtag sale"),
        ("v1.2.3", "version one point two point three"),
        ("see https://www.example.com/shop", "see example dot com slash shop"),
        ("mail me@foo.org", "mail me at foo dot org"),
        ("and/or", "and or"),
    ],
)
def test_english_is_spelled_out(written: str, said: str) -> None:
    assert spoken(written) == said


@pytest.mark.parametrize(
    ("code", "written", "said"),
    [
        ("es", "3,50 €", "tres euros con cincuenta céntimos"),
        ("es", "el 5 de mayo de 2026", "el cinco de mayo de dos mil veintiséis"),
        ("fr", "1 200 €", "mille deux cents euros"),
        ("fr", "le 1er mai à 10:30", "le premier mai à dix heures trente"),
        ("it", "1.234,5 kg", "milleduecentotrentaquattro virgola cinque chilogrammi"),
        ("pt", "R$ 3,50", "três reais e cinquenta centavos"),
        ("pt", "50%", "cinquenta por cento"),
        ("hi", "₹500", "500 रुपये"),
        ("zh", "$50，20%", "50 美元，百分之20"),
        ("ja", "10:30に1,234円", "10時30分 に 1234 円"),
        ("de", "50 % & 3,50 €", "50 Prozent und 3,50 Euro"),
    ],
)
def test_other_languages_are_spelled_out_in_theirs(code: str, written: str, said: str) -> None:
    assert spoken(written, code).replace(" ", "") == said.replace(" ", "")


def test_a_run_of_one_emoji_is_said_once_by_name() -> None:
    assert spoken("I ❤️❤️ ❤️ it") == "I , red heart, it"
    assert spoken("😀" * 500) == "grinning face,"
    assert spoken("👍", "es") == "pulgar hacia arriba,"


def test_what_was_written_stays_beside_what_is_said() -> None:
    words = normalise(clean("Pay $3.50 now, #1!"), "en").words
    assert [word.shown for word in words] == ["Pay", "$3.50", "now,", "#1!"]


def test_what_cannot_be_said_is_named_once() -> None:
    normalised = normalise(clean("★ Sale ★ Ա ok ♪"), "en")
    assert [word.spoken for word in normalised.words] == ["Sale", "ok"]
    assert normalised.left_out == ("★", "Ա", "♪")


@pytest.mark.parametrize(
    "text", ["plain words, only; marks: (and) “quotes” — yes… no?", "Ça va, où ça ? L'été.", "今天，很好。"]
)
def test_ordinary_text_loses_nothing(text: str) -> None:
    assert normalise(clean(text), "en").left_out == ()


def test_lines_become_sentences_and_controls_vanish() -> None:
    assert spoken("Title\r\nBody\x00 text\u200b here") == "Title. Body text here"


def test_full_width_digits_are_plain() -> None:
    assert spoken("１２") == "twelve"


def test_unspaced_writing_is_cut_into_words() -> None:
    words = [word.shown for word in normalise(clean("我们去公园散步。"), "zh").words]
    assert "".join(words) == "我们去公园散步。"
    assert len(words) >= 3
