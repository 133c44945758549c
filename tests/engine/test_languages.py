from __future__ import annotations

import pytest

from engine import Engine, detection
from engine.detection import detect
from engine.languages import LANGUAGES
from engine.text.normalise import normalise
from engine.text.phonemes import loss
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


MORE = {
    "cs": "Vaše objednávka dorazí v pátek a dárek je zabalený zvlášť.",
    "hu": "A megrendelt csomag pénteken érkezik, és az ajándék külön van becsomagolva.",
    "ro": "Coletul pe care l-ați comandat va sosi vineri, iar cadoul este împachetat separat.",
    "sk": "Vaša objednávka príde v piatok a darček je zabalený zvlášť.",
    "bg": "Поръчаната от вас пратка ще пристигне в петък, а подаръкът е опакован отделно.",
    "hr": "Vaša pošiljka stiže u petak, a dar je zapakiran posebno.",
    "sr": "Ваша пошиљка стиже у петак, а поклон је упакован посебно.",
    "bs": "Vaša pošiljka stiže u petak, a poklon je zapakovan posebno.",
    "sl": "Vaša pošiljka bo prispela v petek, darilo pa je zavito posebej.",
    "mk": "Вашата пратка ќе пристигне во петок, а подарокот е спакуван посебно.",
    "ca": "El paquet que heu demanat arribarà divendres i el regal va embolicat a part.",
    "et": "Teie tellitud pakk saabub reedel ja kingitus on eraldi pakitud.",
    "lt": "Jūsų užsakytas siuntinys atvyks penktadienį, o dovana supakuota atskirai.",
    "lv": "Jūsu pasūtītais sūtījums ieradīsies piektdien, un dāvana ir iesaiņota atsevišķi.",
    "is": "Pakkinn sem þú pantaðir kemur á föstudaginn og gjöfin er pökkuð sérstaklega.",
    "ga": "Tiocfaidh an beart a d'ordaigh tú Dé hAoine agus tá an bronntanas fillte.",
    "cy": "Bydd y parsel a archebwyd gennych yn cyrraedd ddydd Gwener.",
    "eu": "Eskatu duzun paketea ostiralean iritsiko da, eta oparia bereiz bilduta dago.",
    "af": "Die pakkie wat jy bestel het, kom Vrydag aan en die geskenk is apart toegedraai.",
    "sq": "Paketa që keni porositur do të mbërrijë të premten.",
    "az": "Sifariş etdiyiniz bağlama cümə günü çatacaq.",
    "be": "Ваша пасылка прыйдзе ў пятніцу, а падарунак запакаваны асобна.",
    "eo": "La pakaĵo, kiun vi mendis, alvenos vendrede.",
    "fa": "بسته‌ای که سفارش داده‌اید روز جمعه می‌رسد.",
    "ur": "آپ کا منگوایا ہوا پارسل جمعہ کو پہنچے گا۔",
    "gu": "તમારું પાર્સલ શુક્રવારે પહોંચશે.",
    "kn": "ನಿಮ್ಮ ಪಾರ್ಸೆಲ್ ಶುಕ್ರವಾರ ತಲುಪುತ್ತದೆ.",
    "ml": "നിങ്ങളുടെ പാഴ്സൽ വെള്ളിയാഴ്ച എത്തും.",
    "pa": "ਤੁਹਾਡਾ ਪਾਰਸਲ ਸ਼ੁੱਕਰਵਾਰ ਨੂੰ ਪਹੁੰਚੇਗਾ।",
    "ne": "तपाईंको पार्सल शुक्रबार आइपुग्नेछ।",
    "si": "ඔබේ පාර්සලය සිකුරාදා පැමිණෙනු ඇත.",
    "ka": "თქვენი ამანათი პარასკევს ჩამოვა.",
    "hy": "Ձեր ծանրոցը կհասնի ուրբաթ օրը։",
    "kk": "Сіздің тапсырысыңыз жұма күні жетеді.",
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


def test_more_languages_are_as_honest() -> None:
    assert set(MORE) == set(LANGUAGES) - set(GREETINGS)
    for code, text in MORE.items():
        lost, written = loss(text, code)
        assert (lost / written < 0.05) == (LANGUAGES[code].tier == "adapted"), code
        assert normalise(text, code).left_out == (), code


@pytest.mark.parametrize("code", ["cs", "ka", "ga"])
def test_more_languages_speak(engine: Engine, code: str) -> None:
    speech = engine.speak(SpeechRequest(text=MORE[code].split()[0], language=code, speed=HURRIED))
    assert (speech.language, speech.engine) == (code, LANGUAGES[code].engine)
    assert speech.duration_seconds > 0.3
    assert decibels(samples_of(speech)) > -32


def test_auto_chooses_a_further_language_only_by_a_writing_of_its_own() -> None:
    told = {code for code, text in MORE.items() if detect(text) == code}
    assert told == {"ka", "hy", "pa", "gu", "kn", "ml", "si"}


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
