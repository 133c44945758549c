"""The frozen values that cross the engine's edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

MAX_TEXT_CHARACTERS = 500
"""Longest text of one generation, in Unicode code points after trimming."""

Progress = Callable[[float], None]
"""Called with the finished share of the work, 0.0 to 1.0, from the thread that speaks."""

Cancelled = Callable[[], bool]
"""Asked between segments; true means stop and raise `engine.errors.Cancelled`."""


class Mode(StrEnum):
    DESIGN = "design"
    CLONE = "clone"


class AudioFormat(StrEnum):
    WAV = "wav"
    MP3 = "mp3"
    FLAC = "flac"
    OPUS = "opus"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    AudioFormat.WAV: "audio/wav",
    AudioFormat.MP3: "audio/mpeg",
    AudioFormat.FLAC: "audio/flac",
    AudioFormat.OPUS: "audio/ogg; codecs=opus",
}


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """How a word is said: as `respelling` would be read, or by its `ipa` where the backend takes phonemes.

    `language` None means all of them.
    """

    word: str
    respelling: str | None = None
    ipa: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One text to speak.

    `text` may hold cues and pauses (`engine.directions`). `language` is a code of `engine.languages` or
    `auto`.
    A request with `reference` (the bytes of a recording, any container libsndfile reads) clones it;
    otherwise `description` designs the voice, and an empty one takes the language's default voice.
    `instructions` say how it speaks without changing who speaks; `speed` multiplies its pace (0.25 to 4.0, as
    far as the engine goes).
    `generation` names the order inside the file.
    `context` is the long text this one is a part of: by it `auto` is decided, not by a heading alone.
    `cfg_value` (0.5 to 5.0) and `inference_timesteps` (4 to 20) matter to clones only.
    """

    text: str
    language: str = "auto"
    description: str | None = None
    reference: bytes | None = None
    reference_text: str | None = None
    cfg_value: float = 2.0
    inference_timesteps: int = 10
    seed: int | None = None
    instructions: str | None = None
    generation: str | None = None
    pronunciations: tuple[Pronunciation, ...] = ()
    speed: float = 1.0
    format: AudioFormat = AudioFormat.WAV
    context: str | None = None

    @property
    def mode(self) -> Mode:
        return Mode.CLONE if self.reference is not None else Mode.DESIGN


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word and its place in the audio, in seconds from the start."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Chapter:
    """Where a heading of a long text begins, in seconds from the start."""

    title: str
    start: float


@dataclass(frozen=True, slots=True)
class Speech:
    """Finished audio.

    `audio` is a whole file of `format`; `sample_rate` is in hertz; `language` is the code that was spoken;
    `seed` reproduces the same bytes on the same `engine`; `peaks` are 200 values 0.0 to 1.0 for drawing.
    """

    audio: bytes
    format: AudioFormat
    sample_rate: int
    duration_seconds: float
    language: str
    seed: int
    engine: str
    words: tuple[Word, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    peaks: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()
