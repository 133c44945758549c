from __future__ import annotations

import pytest

from engine import Engine, detection
from engine.detection import detect
from engine.languages import LANGUAGES
from engine.values import SpeechRequest
from tests.engine.listening import decibels, samples_of

GREETINGS = {
    "en": "Good morning!",
    "zh": "早上好！",
    "hi": "सुप्रभात!",
    "es": "¡Buenos días!",
    "fr": "Bonjour à tous !",
    "de": "Guten Morgen!",
    "ja": "おはようございます！",
    "ko": "좋은 아침입니다!",
    "ru": "Доброе утро!",
    "ar": "صباح الخير!",
    "pt": "Bom dia!",
    "it": "Buongiorno!",
    "nl": "Goedemorgen!",
    "pl": "Dzień dobry!",
    "tr": "Günaydın!",
    "vi": "Chào buổi sáng!",
    "th": "สวัสดีตอนเช้า",
    "id": "Selamat pagi!",
    "ms": "Selamat pagi!",
    "bn": "সুপ্রভাত!",
    "ta": "காலை வணக்கம்!",
    "te": "శుభోదయం!",
    "mr": "शुभ प्रभात!",
    "uk": "Доброго ранку!",
    "sv": "God morgon!",
    "no": "God morgen!",
    "da": "Godmorgen!",
    "fi": "Hyvää huomenta!",
    "el": "Καλημέρα!",
    "he": "בוקר טוב!",
    "sw": "Habari za asubuhi!",
}

HURRIED = 1.6
"""The model takes as long as what it says: thirty-one greetings are said fast."""

SENTENCES = {
    "en": "The parcel you ordered will arrive on Friday.",
    "zh": "您订购的包裹将于星期五到达。",
    "hi": "आपका पार्सल शुक्रवार को पहुँच जाएगा।",
    "es": "El paquete que pidió llegará el viernes.",
    "fr": "Le colis que vous avez commandé arrivera vendredi.",
    "de": "Das bestellte Paket kommt am Freitag an.",
    "ja": "ご注文の荷物は金曜日に届きます。",
    "ko": "주문하신 소포는 금요일에 도착합니다.",
    "ru": "Ваша посылка придёт в пятницу, объявили утром.",
    "ar": "ستصل الطرود التي طلبتها يوم الجمعة.",
    "pt": "A encomenda que você pediu não chegará na sexta-feira.",
    "it": "Il pacco che hai ordinato arriverà venerdì.",
    "nl": "Het pakket dat u heeft besteld komt vrijdag aan.",
    "pl": "Zamówiona paczka dotrze w piątek.",
    "tr": "Sipariş ettiğiniz paket cuma günü gelecek.",
    "vi": "Gói hàng bạn đặt sẽ đến vào thứ Sáu.",
    "th": "พัสดุที่คุณสั่งจะมาถึงวันศุกร์",
    "uk": "Ваша посилка прибуде в п'ятницю, її вже відправили.",
    "sv": "Paketet som du har beställt kommer på fredag.",
    "fi": "Tilaamasi paketti saapuu perjantaina.",
    "el": "Το δέμα που παραγγείλατε θα φτάσει την Παρασκευή.",
    "he": "החבילה שהזמנת תגיע ביום שישי.",
    "sw": "Kifurushi ulichoagiza kitafika siku ya Ijumaa.",
}


def test_every_promised_language_has_an_honest_tier() -> None:
    assert len(GREETINGS) == 31
    assert set(GREETINGS) <= set(LANGUAGES)
    native = {code for code, language in LANGUAGES.items() if language.tier == "native"}
    assert native == {"en", "es", "fr", "hi", "it", "pt", "ja", "zh"}
    for language in LANGUAGES.values():
        assert (language.engine == "espeak") == (language.tier == "formant")


@pytest.mark.parametrize("code", GREETINGS)
def test_every_language_speaks(engine: Engine, code: str) -> None:
    speech = engine.speak(SpeechRequest(text=GREETINGS[code], language=code, speed=HURRIED))
    samples = samples_of(speech)
    assert 0.3 < speech.duration_seconds < 2.5
    assert decibels(samples) > -32
    assert speech.language == code
    assert speech.engine == LANGUAGES[code].engine
    why = [f"Spoken by espeak because kokoro does not speak {LANGUAGES[code].name}"]
    said = [warning.split(" intelligibly")[0] for warning in speech.warnings]
    assert said == (why if speech.engine == "espeak" else [])
    assert "".join(word.text for word in speech.words).replace(" ", "") == GREETINGS[code].replace(" ", "")


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_tells_its_language(code: str) -> None:
    assert detect(SENTENCES[code]) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hello", "en"),
        ("OK", "en"),
        ("Sale!", "en"),
        ("42", "en"),
        ("😀", "en"),
        ("Привет", "ru"),
        ("Merci", "fr"),
    ],
)
def test_a_word_or_less_is_guessed_sensibly(text: str, code: str) -> None:
    assert detect(text) == code


def test_detection_loads_in_the_background_and_may_be_asked_at_once() -> None:
    detection.preload()
    assert detect("Das ist heute ein besonders schöner Tag.") == "de"
