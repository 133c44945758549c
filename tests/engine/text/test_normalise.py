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
        ("es", "El Sr. López y la Dra. Ruiz", "El señor López y la doctora Ruiz"),
        ("es", "EE. UU., 1.500 €, etc.", "Estados Unidos, mil quinientos euros, etcétera."),
        ("es", "a las 14:30 o a la 1:00", "a las catorce treinta o a la una"),
        ("es", "10-20 € o 30-50 %", "diez a veinte euros o treinta a cincuenta por ciento"),
        ("es", "el 2026-11-22", "el veintidós de noviembre de dos mil veintiséis"),
        (
            "es",
            "tel. +34 600 123 456",
            "teléfono más tres cuatro, seis cero cero, uno dos tres, cuatro cinco seis",
        ),
        ("es", "(ver pág. 4)", "(ver página cuatro)"),
        ("es", "1 200 300", "un millón doscientos mil trescientos"),
        ("es", "yo@foo.org", "yo arroba foo punto org"),
        ("fr", "M. Dupont et Mme Roy", "monsieur Dupont et madame Roy"),
        ("fr", "14h30, 1h et 21 h", "quatorze heures trente, une heure et vingt et une heures"),
        ("fr", "le 3 juil. 2026", "le trois juillet deux mille vingt-six"),
        (
            "fr",
            "01 23 45 67 89",
            "zéro un, vingt-trois, quarante-cinq, soixante-sept, quatre-vingt-neuf",
        ),
        ("fr", "12 500 habitants à 5 km", "douze mille cinq cents habitants à cinq kilomètres"),
        ("fr", "www.exemple.fr/prix", "exemple point fr slash prix"),
        ("it", "Il Sig. Rossi alle 14:30", "Il signor Rossi alle quattordici e trenta"),
        ("it", "il 3 sett. 2026, ecc.", "il tre settembre duemilaventisei, eccetera."),
        ("it", "+39 06 1234 567", "più tre nove, zero sei, uno due tre quattro, cinque sei sette"),
        ("it", "3,50 € e 20%", "tre euro e cinquanta centesimi e venti per cento"),
        ("it", "www.esempio.it", "esempio punto it"),
        ("pt", "A Sra. Silva às 14h30", "A senhora Silva às catorze e trinta"),
        ("pt", "à 1h e às 22h", "à uma hora e às vinte e duas horas"),
        ("pt", "22/11/2026", "vinte e dois de novembro de dois mil e vinte e seis"),
        ("pt", "(11) 91234-5678", "um um, nove um dois três quatro, cinco seis sete oito"),
        ("pt", "eu@foo.org", "eu arroba foo ponto org"),
        ("hi", "₹500", "500 रुपये"),
        ("hi", "₹3.50 और 20%", "3 रुपये 50 पैसे और 20 प्रतिशत"),
        ("hi", "2026-11-22 को", "22 नवंबर 2026 को"),
        ("hi", "10:30 बजे, 10:00", "10 बजकर 30 मिनट, 10 बजे"),
        ("hi", "1,23,456 लोग, -5°C", "123456 लोग, माइनस 5 डिग्री सेल्सियस"),
        ("hi", "5-10 kg", "5 से 10 किलोग्राम"),
        ("hi", "+91 98765 43210", "प्लस नौ एक, नौ आठ सात छह पाँच, चार तीन दो एक शून्य"),
        ("hi", "डॉ. शर्मा", "डॉक्टर शर्मा"),
        ("hi", "www.example.com", "example डॉट com"),
        ("zh", "$50，20%", "50 美元，百分之20"),
        ("zh", "在2026/11/22买", "在2026年11月22日买"),
        ("zh", "14:05:30，¥1,234.50", "14点5分30秒，1234.50元"),
        ("zh", "-5°C，5%-10%，5km", "负5摄氏度，百分之5到10，5公里"),
        ("zh", "时速60km/h，比分3-1", "时速每小时60公里，比分3-1"),
        ("zh", "电话138-1234-5678", "电话幺三八,幺二三四,五六七八"),
        ("zh", "No.1，www.example.com", "第1，example点com"),
        ("ja", "10:30に1,234円", "10時30分 に 1234 円"),
        ("ja", "2026-11-22に5km", "2026年11月22日に5キロメートル"),
        ("ja", "¥1,234と$3.50", "1234円と3ドル50セント"),
        ("ja", "5~10%、-5℃", "5から10パーセント、マイナス5度"),
        ("ja", "電話は03-1234-5678です", "電話はゼロさん,いちにさんよん,ごろくななはちです"),
        ("ja", "㈱サンプル、me@foo.org", "株式会社サンプル、meアットマークfooドットorg"),
        ("de", "50 % & 3,50 €", "50 Prozent und 3,50 Euro"),
    ],
)
def test_other_languages_are_spelled_out_in_theirs(code: str, written: str, said: str) -> None:
    assert spoken(written, code).replace(" ", "") == said.replace(" ", "")


def test_a_run_of_one_emoji_is_said_once_by_name() -> None:
    assert spoken("I ❤️❤️ ❤️ it") == "I , red heart, it"
    assert spoken("😀" * 500) == "grinning face,"
    assert spoken("👍", "es") == "pulgar hacia arriba,"
    names = {code: spoken("❤️", code) for code in ("en", "es", "fr", "it", "pt", "ja", "zh")}
    assert len({*names.values()}) == len(names), "each in its own language"


def test_what_was_written_stays_beside_what_is_said() -> None:
    words = normalise(clean("Pay $3.50 now, #1!"), "en").words
    assert [word.shown for word in words] == ["Pay", "$3.50", "now,", "#1!"]


def test_what_cannot_be_said_is_named_once() -> None:
    normalised = normalise(clean("★ Sale ★ ᚠ ok ♪"), "en")
    assert [word.spoken for word in normalised.words] == ["Sale", "ok"]
    assert normalised.left_out == ("★", "ᚠ", "♪")


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
