"""The language of a text that comes as `auto`.

Writing decides where it can; short Latin texts and the rest go to lingua, restricted to our languages.
Loading lingua takes seconds and some hundred megabytes, so this belongs in a worker.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from threading import Lock, Thread
from typing import TYPE_CHECKING

from engine.languages import PROMISED
from engine.markers import told_apart
from engine.text.scripts import script_of

if TYPE_CHECKING:
    from lingua import LanguageDetector

FALLBACK = "en"

_ONLY_LANGUAGE = {
    "Grek": "el",
    "Hebr": "he",
    "Arab": "ar",
    "Beng": "bn",
    "Taml": "ta",
    "Telu": "te",
    "Thai": "th",
    "Hang": "ko",
    "Geor": "ka",
    "Armn": "hy",
    "Guru": "pa",
    "Gujr": "gu",
    "Knda": "kn",
    "Mlym": "ml",
    "Sinh": "si",
}
_OURS_TO_LINGUA = {"no": "NB"}
_UKRAINIAN = set("іїєґІЇЄҐ")
_RUSSIAN = set("ыэъёЫЭЪЁ")
_GREETINGS = {
    "hola": "es",
    "gracias": "es",
    "adiós": "es",
    "merci": "fr",
    "salut": "fr",
    "bonsoir": "fr",
    "danke": "de",
    "hallo": "de",
    "ciao": "it",
    "grazie": "it",
    "olá": "pt",
    "obrigada": "pt",
    "hej": "sv",
    "tack": "sv",
}
"""Words people try first, too short for statistics."""

_MIN_LETTERS = 4
_FEW_WORDS, _CLEARLY = 3, 4.0
"""A text of a few words is English unless another language is this many times as likely."""


def detect(text: str) -> str:
    """A code of `engine.languages`; English when nothing can be told."""
    letters = [character for character in text if script_of(character)]
    counts = Counter(script_of(character) for character in letters)
    if not counts:
        return FALLBACK
    script, _ = counts.most_common(1)[0]
    if counts["Kana"] and script in ("Kana", "Hani"):
        return "ja"
    if script == "Hani":
        return "zh"
    if script in _ONLY_LANGUAGE:
        return _ONLY_LANGUAGE[script]
    if script == "Cyrl" and (told := _cyrillic(letters)):
        return told
    if told := _GREETINGS.get("".join(letters).casefold()):
        return told
    return _by_statistics(text, short=len(letters) < _MIN_LETTERS, script=script)


def _cyrillic(letters: list[str]) -> str | None:
    ukrainian = not _UKRAINIAN.isdisjoint(letters)
    russian = not _RUSSIAN.isdisjoint(letters)
    if ukrainian == russian:
        return None
    return "uk" if ukrainian else "ru"


def _by_statistics(text: str, *, short: bool, script: str | None) -> str:
    if short:
        return {"Cyrl": "ru", "Deva": "hi"}.get(script or "", FALLBACK)
    ranked = _loaded().compute_language_confidence_values(text)
    if not ranked or ranked[0].value == 0:
        return FALLBACK
    english = next(rank.value for rank in ranked if rank.language.name == "ENGLISH")
    if script == "Latn" and len(text.split()) <= _FEW_WORDS and ranked[0].value < _CLEARLY * english:
        return FALLBACK
    code = ranked[0].language.iso_code_639_1.name
    guess = next((ours for ours, theirs in _OURS_TO_LINGUA.items() if theirs == code), code.lower())
    return told_apart(text, guess)


def preload() -> None:
    """Load the statistics in the background, so that the first text whose language is open need not wait."""
    sentence = "In which language is this sentence written, my friend?"
    Thread(target=detect, args=(sentence,), name="detection", daemon=True).start()


def _loaded() -> LanguageDetector:
    with _LOADING:
        return _detector()


_LOADING = Lock()


@cache
def _detector() -> LanguageDetector:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, _OURS_TO_LINGUA.get(code, code.upper())) for code in sorted(PROMISED)]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()
