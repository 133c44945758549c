"""What is to be said, worked out before anything is rendered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import LanguageNotServed, NothingToSpeak
from engine.languages import AUTO, LANGUAGES
from engine.values import Pronunciation, SpeechRequest
from engine.voicing import Casting, seed_of

if TYPE_CHECKING:
    from engine.directions import Passage
    from engine.text.segments import Segment
    from engine.voices import Voice


@dataclass(frozen=True, slots=True)
class Line:
    """One call of a backend; `pause` seconds of silence follow, the air at the edges of speech included."""

    segment: Segment
    voice: Voice
    pause: float


@dataclass(frozen=True, slots=True)
class Script:
    """`lead` and `tail` are seconds of silence asked for before the first and after the last word."""

    code: str
    seed: int
    lines: tuple[Line, ...]
    lead: float
    tail: float
    warnings: tuple[str, ...]


def script_of(request: SpeechRequest, casting: Callable[[str, int], Casting]) -> Script:
    """`casting` gives the voices for a language and a seed.

    Raises `NothingToSpeak`, `LanguageNotServed` and what making a voice raises.
    """
    from engine.directions import read
    from engine.text.cleaning import clean

    reading = read(request.text)
    passages = [replace(passage, text=clean(passage.text)) for passage in reading.passages]
    code = language_of(request, " ".join(passage.text for passage in passages))
    seed = seed_of(request, passages[0].cue if passages else None)
    writer = _Writer(code, casting(code, seed), request.pronunciations)
    for passage in passages:
        writer.write(passage)
    if not writer.lines:
        raise NothingToSpeak("The text holds nothing that can be spoken.")
    warnings = (*reading.warnings, *writer.warnings(), *_other_engine(code))
    return Script(code, seed, tuple(writer.lines), writer.lead, writer.waiting + reading.silence, warnings)


class _Writer:
    """Lines as the passages come, with the pauses between them."""

    def __init__(self, code: str, casting: Casting, pronunciations: Iterable[Pronunciation]) -> None:
        from engine.text.dictionary import Dictionary

        self.lines: list[Line] = []
        self.lead = self.waiting = 0.0
        self._code = code
        self._casting = casting
        self._dictionary = Dictionary(pronunciations, code, ipa=LANGUAGES[code].tier != "formant")
        self._joiner = "" if LANGUAGES[code].script in ("Hans", "Jpan") else " "
        self._left_out: dict[str, None] = {}
        self._unknown: dict[str, None] = {}

    def write(self, passage: Passage) -> None:
        voice = self._casting.voice(passage.cue, passage.speaker)
        self.waiting += passage.pause or 0.0
        segments = self._segments(passage.text, voice)
        if not segments:
            return
        self._rest()
        for part in segments:
            self.lines.append(Line(part, voice, part.pause * voice.time_scale / voice.speed))

    def warnings(self) -> Iterator[str]:
        yield from dict.fromkeys(warning for voice in self._casting.voices for warning in voice.warnings)
        yield from left_out(self._left_out, self._unknown)

    def _rest(self) -> None:
        if self.waiting and self.lines:
            self.lines[-1] = replace(self.lines[-1], pause=self.waiting)
        else:
            self.lead += self.waiting
        self.waiting = 0.0

    def _segments(self, text: str, voice: Voice) -> list[Segment]:
        from engine.packs import is_british, leading
        from engine.text.alphabet import split_known
        from engine.text.normalise import normalise
        from engine.text.phonemes import from_ipa, phonemise
        from engine.text.segments import segment

        model = leading(voice.name)
        british = self._code == "en" and model is not None and is_british(model)

        def phonemes(part: str) -> str:
            sounds = self._dictionary.phonemes(
                part,
                lambda words: phonemise(words, self._code, british=british),
                lambda ipa: from_ipa(ipa, self._code),
            )
            kept, lost = split_known(sounds)
            self._unknown.update(dict.fromkeys(lost))
            return kept

        normalised = normalise(text, self._code, self._dictionary)
        self._left_out.update(dict.fromkeys(normalised.left_out))
        return segment(normalised.words, self._joiner, phonemes, begins=not self.lines)


def language_of(request: SpeechRequest, words: str) -> str:
    """The code to speak; `words` are those of the request. Raises `LanguageNotServed`."""
    wanted = request.language
    if wanted == AUTO:
        from engine.detection import detect
        from engine.directions import spoken_words

        return detect(words if request.context is None else spoken_words(request.context))
    if wanted not in LANGUAGES:
        raise LanguageNotServed(
            f"No installed engine speaks {wanted!r}: use auto or one of {', '.join(LANGUAGES)}."
        )
    return wanted


def _other_engine(code: str) -> Iterator[str]:
    """Why it is not the voice model that speaks a language."""
    language = LANGUAGES[code]
    if language.tier == "formant":
        yield (
            f"Spoken by {language.engine} because kokoro does not speak {language.name} intelligibly: of the "
            "voice asked for, only pace and gender are heard."
        )


def left_out(characters: Collection[str], sounds: Collection[str] = ()) -> Iterator[str]:
    """Sentences that say what of a text is not heard."""
    if characters:
        yield f"Left out, because it cannot be spoken: {' '.join(characters)}"
    if sounds:
        yield f"Sounds this voice does not have were left out: {' '.join(sounds)}"
