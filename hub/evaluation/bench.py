"""What every section speaks and measures with, loaded when first wanted."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, TypeVar
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from engine.backends.kokoro import Kokoro
    from engine.packs import Packs
    from engine.speaker import Engine
    from engine.voices import Voice
    from engine.voices.encoder import SpeakerEncoder

Samples = NDArray[np.float32]

Row = TypeVar("Row")

RATE = 24_000
PHONEMES = "wi ˈɔfən sˈɔ hɪm baɪ ðə wˈɪndoʊ, ɹˈiːdɪŋ ɐbˌaʊt ʃˈɪps ænd ðə jˈʌŋ kˈɪŋ."


@dataclass
class Bench:
    """`models` is the models folder; `recordings` a folder with one folder of recordings per person.

    `quick` asks every section for a small sample, `people` for at most so many of those recorded.
    """

    models: Path
    recordings: Path | None = None
    quick: bool = False
    threads: int = 0
    people: int | None = None
    _spoken: dict[str, Samples] = field(default_factory=dict)
    _stock: dict[str, Samples] = field(default_factory=dict)

    @cached_property
    def engine(self) -> Engine:
        from engine.speaker import Engine

        return Engine(self.models, threads=self.threads)

    @cached_property
    def kokoro(self) -> Kokoro:
        from engine.backends.kokoro import Kokoro

        return Kokoro(self.models, threads=self.threads)

    @cached_property
    def packs(self) -> Packs:
        from engine.packs import Packs

        return Packs(self.models)

    @cached_property
    def encoder(self) -> SpeakerEncoder:
        from engine.assets import ENCODER
        from engine.models import require
        from engine.voices.encoder import SpeakerEncoder

        return SpeakerEncoder(require(self.models, ENCODER))

    def folder_for_fits(self) -> Path:
        """A new models folder with the speaker encoder alone: nothing fitted before is found in it."""
        from engine.assets import ENCODER

        folder = Path(mkdtemp(prefix="sayhook-eval-"))
        finalize(self, shutil.rmtree, folder, ignore_errors=True)
        target = folder / ENCODER.file
        target.parent.mkdir(parents=True)
        target.symlink_to((self.models / ENCODER.file).resolve())
        return folder

    @cached_property
    def clones_folder(self) -> Path:
        """Where the sections keep the fits that they share."""
        return self.folder_for_fits()

    def sample(self, rows: Sequence[Row], most: int) -> list[Row]:
        """All rows, or when quick `most` of them, evenly spread."""
        if not self.quick or len(rows) <= most:
            return list(rows)
        return [rows[int(place * len(rows) / most)] for place in range(most)]

    def voice(self, description: str | None, *, seed: int = 1) -> Voice:
        from engine.voices import design

        return design(description, None, "en", seed, self.packs)

    def sentence(self, description: str | None) -> Samples:
        """One sentence in the voice of a description: mono at 24 kHz, rendered once."""
        key = description or ""
        if key not in self._spoken:
            self._spoken[key] = self.render(PHONEMES, self.voice(description))
        return self._spoken[key]

    def stock(self, name: str) -> Samples:
        """The same sentence in a stock voice, rendered once."""
        if name not in self._stock:
            self._stock[name] = self.kokoro.say(PHONEMES, self.packs[name], 1.0)
        return self._stock[name]

    def render(self, phonemes: str, voice: Voice) -> Samples:
        return voice.apply(self.kokoro.say(phonemes, voice.style, voice.speed))

    def speak(self, text: str, language: str = "en", description: str | None = None) -> Samples:
        """A text through the whole engine."""
        import soundfile

        from engine.values import SpeechRequest

        speech = self.engine.speak(SpeechRequest(text=text, language=language, description=description))
        samples, _ = soundfile.read(io.BytesIO(speech.audio), dtype="float32")
        return np.asarray(samples, dtype=np.float32)
