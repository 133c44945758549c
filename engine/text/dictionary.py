"""An owner's own pronunciations: words said otherwise than they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from engine.languages import LANGUAGES
from engine.text.pieces import Piece, spell_out
from engine.values import Pronunciation

_FIRST, _LAST = 0xA500, 0xA60B
"""Letters of the Vai script stand for IPA on its way through the normaliser; no language here uses them."""

_MARKS = re.compile(r"^[\s,;:.!?—…]+")
_SPACES = re.compile(r"\s+")


class Dictionary:
    """The entries that hold for the language `code`; one with a language wins over one without.

    A word matches whole, longer ones first; in lower case it matches any case. `ipa` says whether the backend
    takes phonemes: otherwise an entry counts only with its respelling.
    """

    def __init__(self, entries: Iterable[Pronunciation], code: str, *, ipa: bool = True) -> None:
        fitting = [entry for entry in entries if entry.language in (None, code)]
        fitting.sort(key=lambda entry: entry.language is not None)
        self._entries = {entry.word: entry for entry in fitting if entry.respelling or (ipa and entry.ipa)}
        self._ipa = [entry.ipa or "" for entry in self._entries.values() if ipa and entry.ipa]
        del self._ipa[_LAST - _FIRST :]
        self._pattern = _pattern(self._entries, spaced=LANGUAGES[code].script not in ("Hans", "Jpan", "Thai"))

    def spell(self, pieces: Iterable[Piece]) -> list[Piece]:
        """The pieces with every word that has an entry settled."""
        if self._pattern is None:
            return list(pieces)
        return spell_out(pieces, self._pattern, self._said)

    def phonemes(self, text: str, phonemise: Callable[[str], str], of_ipa: Callable[[str], str]) -> str:
        """Phonemes of a text that `spell` has gone over: `phonemise` for its words, `of_ipa` for its IPA."""
        if not self._ipa:
            return phonemise(text)
        parts = re.split(f"([{chr(_FIRST)}-{chr(_LAST)}])", text)
        said = [
            of_ipa(self._ipa[ord(part) - _FIRST]) if at % 2 else _around(part, phonemise)
            for at, part in enumerate(parts)
        ]
        return _SPACES.sub(" ", "".join(said)).strip()

    def _said(self, match: re.Match[str]) -> str | None:
        entry = self._entries.get(match[0]) or self._entries.get(match[0].casefold())
        if entry is None:
            return None
        if entry.ipa in self._ipa:
            return chr(_FIRST + self._ipa.index(entry.ipa or ""))
        return entry.respelling


def _pattern(words: Iterable[str], *, spaced: bool) -> re.Pattern[str] | None:
    longest = sorted(words, key=len, reverse=True)
    if not longest:
        return None
    either = "|".join(
        f"(?i:{re.escape(word)})" if word == word.casefold() else re.escape(word) for word in longest
    )
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)" if spaced else either)


def _around(text: str, phonemise: Callable[[str], str]) -> str:
    """Phonemes of what stands between IPA, with the marks and blanks at its edges."""
    marks = _MARKS.match(text)
    opening = marks[0] if marks else ""
    body = text[len(opening) :]
    return opening + (phonemise(body) if body.strip() else "") + (" " if body[-1:].isspace() else "")
