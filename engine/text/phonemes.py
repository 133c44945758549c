"""Text to the phonemes Kokoro was trained on.

English follows misaki's symbols (`I` for the diphthong of "eye"), reached from espeak's IPA by the mapping
of misaki's own espeak fallback; other languages use espeak's IPA with the same affricates and diphthongs.
Japanese and Mandarin go through misaki. Punctuation is kept: the model speaks it as pauses and melody.
"""

from __future__ import annotations

import re

from engine import espeak
from engine.languages import LANGUAGES
from engine.text import japanese, mandarin
from engine.text.alphabet import alphabet
from engine.text.marks import plain_marks
from engine.text.scripts import runs

_PUNCTUATION = re.compile(r"""(\s*(?:[;!?—…"“”()]|[:,](?!\d)|\.(?=\W|$))+[;:,.!?—…"“”()\s]*)""")
_SWITCH = re.compile(r"\([a-z-]+\)")
_SPACES = re.compile(r"\s+")

_LIGATURES = (
    ("aɪ", "I"),
    ("aʊ", "W"),
    ("dz", "ʣ"),
    ("dʒ", "ʤ"),
    ("eɪ", "A"),
    ("oʊ", "O"),
    ("əʊ", "Q"),
    ("ts", "ʦ"),
    ("tʃ", "ʧ"),
    ("ɔɪ", "Y"),
)
_TIED = tuple((f"{written[0]}{espeak.TIE}{written[1]}", one) for written, one in _LIGATURES)

_ENGLISH = (
    (f"ə{espeak.TIE}l", "ᵊl"),
    ("ʔˌn\u0329", "ʔn"),
    ("ʔn\u0329", "ʔn"),
    ("ʲo", "jo"),
    ("ʲə", "jə"),
    ("ʲ", ""),
    ("ɚ", "əɹ"),
    ("e", "A"),
    ("r", "ɹ"),
    ("x", "k"),
    ("ç", "k"),
    ("ɐ", "ə"),
    ("ɬ", "l"),
    ("\u0303", ""),
)
_AMERICAN = (("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", ""))
_BRITISH = ((f"e{espeak.TIE}ə", "ɛː"), ("iə", "ɪə"))

_NO_SOUND = "\u0361-'‿"
"""Ties and joints in what espeak writes; leaving them out loses nothing."""

# Sounds outside the model's alphabet, each as the nearest one inside it.
_NEAREST = str.maketrans(
    {
        "ɫ": "l",
        "ʑ": "ʒ",
        "ħ": "h",
        "ɭ": "l",
        "ʉ": "u",
        "ɵ": "ø",
        "ɗ": "d",
        "ɓ": "b",
        "ε": "ɛ",
        "ä": "a",
        "ɘ": "ə",
    }
    | {
        "ɞ": "ɜ",
        "ʏ": "y",
        "ʍ": "w",
        "ʕ": "ʔ",
        "ʀ": "ʁ",
        "ɱ": "m",
        "ɠ": "ɡ",
        "g": "ɡ",
        "ɧ": "ʃ",
        "ʐ": "ʒ",
        "ɦ": "h",
    }
    | {"ɶ": "œ", "ɺ": "ɾ", "ɮ": "l", "ɬ": "l", "ã": "ã", "õ": "õ", "ĩ": "ĩ", "ũ": "ũ", "ẽ": "ẽ"}
    | dict.fromkeys("\u031e\u032f\u032a\u0329\u0325\u02e4\u0308\u0324\u0330\u031a\u02de˞ʼ0123456789", "")
    | dict.fromkeys(_NO_SOUND, "")
)


def from_ipa(ipa: str, code: str) -> str:
    """The model's phonemes for IPA as dictionaries write it; stress marks count, brackets and ties do not."""
    sounds = ipa.strip("/[] ").replace("\u0361", "").replace("\u035c", "")
    for written, one in _LIGATURES:
        sounds = sounds.replace(written, one)
    if code == "en":
        sounds = sounds.replace("ɚ", "əɹ").replace("ɝ", "ɜɹ").replace("r", "ɹ")
    return sounds.translate(_NEAREST)


def loss(text: str, code: str) -> tuple[int, int]:
    """How many of the symbols espeak writes for `text` are left out for want of any in the model's alphabet,
    tones and modifiers included, and of how many."""
    sounds = _SPACES.sub("", espeak.ipa(text, LANGUAGES[code].espeak).replace(espeak.TIE, ""))
    sounds = "".join(symbol for symbol in _SWITCH.sub("", sounds) if symbol not in _NO_SOUND)
    written = [symbol.translate(_NEAREST) for symbol in sounds]
    return sum(not known or not alphabet().keys() >= set(known) for known in written), len(written)


def phonemise(text: str, code: str, *, british: bool = False) -> str:
    """Phonemes and punctuation of `text` in the language `code`; words of another writing in theirs."""
    parts = [
        _mark(part) if at % 2 else _spoken(part, code, british)
        for at, part in enumerate(_PUNCTUATION.split(f"{plain_marks(text)} ".replace(" - ", " — ")))
    ]
    return _SPACES.sub(" ", "".join(parts)).lstrip(" ,;:.!?—…").rstrip()


def _mark(marks: str) -> str:
    opening = " " if marks[:1].isspace() and marks.strip()[:1] in '(“"—' else ""
    return opening + _SPACES.sub(" ", marks.lstrip())


def _spoken(text: str, code: str, british: bool) -> str:
    pieces = [_read(piece, reader, british) for reader, piece in runs(text, code, LANGUAGES[code].script)]
    spoken = " ".join(piece for piece in pieces if piece)
    return f"{' ' if text[:1].isspace() else ''}{spoken}{' ' if text[-1:].isspace() else ''}"


def _read(text: str, code: str, british: bool) -> str:
    if not text.strip():
        return ""
    if code == "ja":
        return japanese.phonemes(text)
    if code == "zh":
        return mandarin.phonemes(text)
    voice = "en" if code == "en" and british else LANGUAGES[code].espeak
    sounds = _SWITCH.sub("", espeak.ipa(text, voice))
    for tied, one in _TIED:
        sounds = sounds.replace(tied, one)
    if code == "en":
        sounds = _english(sounds, british)
    return sounds.replace(espeak.TIE, "").translate(_NEAREST)


def _english(sounds: str, british: bool) -> str:
    for old, new in (*(_BRITISH if british else ()), *_ENGLISH, *(() if british else _AMERICAN)):
        sounds = sounds.replace(old, new)
    sounds = re.sub("(\\S)\u0329", r"ᵊ\1", sounds)
    return sounds.replace("o", "ɔ").replace("ɾ", "T").replace("ʔ", "t")
