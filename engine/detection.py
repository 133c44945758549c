"""The language of a text that comes as `auto`.

Writing decides where it can; short Latin texts and the rest go to lingua, restricted to our languages.
Loading lingua takes seconds and some hundred megabytes, so this belongs in a worker.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from engine.languages import LANGUAGES
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
}
_OURS_TO_LINGUA = {"no": "NB"}
_UKRAINIAN = set("іїєґІЇЄҐ")
_RUSSIAN = set("ыэъёЫЭЪЁ")
_MIN_LETTERS = 4


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
    found = _detector().detect_language_of(text)
    if found is None:
        return FALLBACK
    code = found.iso_code_639_1.name
    return next((ours for ours, theirs in _OURS_TO_LINGUA.items() if theirs == code), code.lower())


@cache
def _detector() -> LanguageDetector:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, _OURS_TO_LINGUA.get(code, code.upper())) for code in LANGUAGES]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()
