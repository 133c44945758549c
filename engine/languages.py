"""The languages that can be spoken, and honestly how well.

native    the model was trained on it
adapted   the model speaks its sounds, spelled in IPA, with the accent of the voice's own language
formant   the model would be unintelligible, so espeak-ng's synthesiser speaks: clear, mechanical
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

AUTO = "auto"

Tier = Literal["native", "adapted", "formant"]


@dataclass(frozen=True, slots=True)
class Language:
    """`word_error_rate` is measured by read-back (0.05 is five words in a hundred), None where it is not.

    `script` is the ISO 15924 code of its writing; `espeak` is its espeak-ng voice.
    """

    code: str
    name: str
    native_name: str
    tier: Tier
    script: str
    espeak: str
    word_error_rate: float | None = None

    @property
    def engine(self) -> str:
        return "espeak" if self.tier == "formant" else "kokoro"


def _promised() -> tuple[Language, ...]:
    return (
        Language("en", "English", "English", "native", "Latn", "en-us", word_error_rate=0.021),
        Language("zh", "Chinese (Mandarin)", "中文", "native", "Hans", "cmn"),
        Language("hi", "Hindi", "हिन्दी", "native", "Deva", "hi"),
        Language("es", "Spanish", "Español", "native", "Latn", "es"),
        Language("fr", "French", "Français", "native", "Latn", "fr"),
        Language("de", "German", "Deutsch", "adapted", "Latn", "de"),
        Language("ja", "Japanese", "日本語", "native", "Jpan", "ja"),
        Language("ko", "Korean", "한국어", "adapted", "Hang", "ko"),
        Language("ru", "Russian", "Русский", "adapted", "Cyrl", "ru"),
        Language("ar", "Arabic", "العربية", "adapted", "Arab", "ar"),
        Language("pt", "Portuguese", "Português", "native", "Latn", "pt-br"),
        Language("it", "Italian", "Italiano", "native", "Latn", "it"),
        Language("nl", "Dutch", "Nederlands", "adapted", "Latn", "nl"),
        Language("pl", "Polish", "Polski", "adapted", "Latn", "pl"),
        Language("tr", "Turkish", "Türkçe", "adapted", "Latn", "tr"),
        Language("vi", "Vietnamese", "Tiếng Việt", "formant", "Latn", "vi"),
        Language("th", "Thai", "ไทย", "formant", "Thai", "th"),
        Language("id", "Indonesian", "Bahasa Indonesia", "adapted", "Latn", "id"),
        Language("ms", "Malay", "Bahasa Melayu", "adapted", "Latn", "ms"),
        Language("bn", "Bengali", "বাংলা", "adapted", "Beng", "bn"),
        Language("ta", "Tamil", "தமிழ்", "adapted", "Taml", "ta"),
        Language("te", "Telugu", "తెలుగు", "adapted", "Telu", "te"),
        Language("mr", "Marathi", "मराठी", "adapted", "Deva", "mr"),
        Language("uk", "Ukrainian", "Українська", "adapted", "Cyrl", "uk"),
        Language("sv", "Swedish", "Svenska", "adapted", "Latn", "sv"),
        Language("no", "Norwegian", "Norsk", "adapted", "Latn", "nb"),
        Language("da", "Danish", "Dansk", "adapted", "Latn", "da"),
        Language("fi", "Finnish", "Suomi", "adapted", "Latn", "fi"),
        Language("el", "Greek", "Ελληνικά", "adapted", "Grek", "el"),
        Language("he", "Hebrew", "עברית", "adapted", "Hebr", "he"),
        Language("sw", "Swahili", "Kiswahili", "adapted", "Latn", "sw"),
    )


def _more() -> tuple[Language, ...]:
    """What espeak-ng writes in sounds the model has, within one in twenty; where more is lost, it speaks."""
    return (
        Language("cs", "Czech", "Čeština", "adapted", "Latn", "cs"),
        Language("sk", "Slovak", "Slovenčina", "adapted", "Latn", "sk"),
        Language("hu", "Hungarian", "Magyar", "adapted", "Latn", "hu"),
        Language("ro", "Romanian", "Română", "adapted", "Latn", "ro"),
        Language("bg", "Bulgarian", "Български", "adapted", "Cyrl", "bg"),
        Language("mk", "Macedonian", "Македонски", "adapted", "Cyrl", "mk"),
        Language("be", "Belarusian", "Беларуская", "adapted", "Cyrl", "be"),
        Language("sr", "Serbian (Cyrillic)", "Српски", "adapted", "Cyrl", "sr"),
        Language("hr", "Croatian", "Hrvatski", "adapted", "Latn", "hr"),
        Language("bs", "Bosnian", "Bosanski", "adapted", "Latn", "bs"),
        Language("sl", "Slovenian", "Slovenščina", "adapted", "Latn", "sl"),
        Language("sq", "Albanian", "Shqip", "adapted", "Latn", "sq"),
        Language("ca", "Catalan", "Català", "adapted", "Latn", "ca"),
        Language("eu", "Basque", "Euskara", "formant", "Latn", "eu"),
        Language("et", "Estonian", "Eesti", "adapted", "Latn", "et"),
        Language("lv", "Latvian", "Latviešu", "adapted", "Latn", "lv"),
        Language("lt", "Lithuanian", "Lietuvių", "adapted", "Latn", "lt"),
        Language("is", "Icelandic", "Íslenska", "adapted", "Latn", "is"),
        Language("ga", "Irish", "Gaeilge", "formant", "Latn", "ga"),
        Language("cy", "Welsh", "Cymraeg", "adapted", "Latn", "cy"),
        Language("af", "Afrikaans", "Afrikaans", "adapted", "Latn", "af"),
        Language("az", "Azerbaijani", "Azərbaycanca", "adapted", "Latn", "az"),
        Language("kk", "Kazakh", "Қазақша", "adapted", "Cyrl", "kk"),
        Language("ka", "Georgian", "ქართული", "adapted", "Geor", "ka"),
        Language("hy", "Armenian", "Հայերեն", "adapted", "Armn", "hy"),
        Language("fa", "Persian", "فارسی", "adapted", "Arab", "fa"),
        Language("ur", "Urdu", "اردو", "adapted", "Arab", "ur"),
        Language("pa", "Punjabi", "ਪੰਜਾਬੀ", "adapted", "Guru", "pa"),
        Language("gu", "Gujarati", "ગુજરાતી", "adapted", "Gujr", "gu"),
        Language("kn", "Kannada", "ಕನ್ನಡ", "adapted", "Knda", "kn"),
        Language("ml", "Malayalam", "മലയാളം", "adapted", "Mlym", "ml"),
        Language("si", "Sinhala", "සිංහල", "adapted", "Sinh", "si"),
        Language("ne", "Nepali", "नेपाली", "adapted", "Deva", "ne"),
        Language("eo", "Esperanto", "Esperanto", "adapted", "Latn", "eo"),
    )


PROMISED = frozenset(row.code for row in _promised())
"""Those among which `auto` chooses; the others must be named, but for writings that only one of them has."""

LANGUAGES: Mapping[str, Language] = MappingProxyType({row.code: row for row in (*_promised(), *_more())})
