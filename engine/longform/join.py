"""The spoken parts of a long text made into one file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

from engine.values import Chapter, Mode, Speech, SpeechRequest, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SpokenPart:
    """A part as the engine returned it: a lossless file, words timed from its own start.

    `pause` is the silence after it in seconds; `heading` the title of the chapter that begins with it.
    """

    audio: bytes
    pause: float
    heading: str | None
    words: tuple[Word, ...]
    engine: str
    warnings: tuple[str, ...]


def join(parts: Sequence[SpokenPart], request: SpeechRequest) -> Speech:
    """One file of all parts in order, in the format, language and with the seed of `request`.

    Each part was levelled to the same loudness when it was spoken. The rate is that of the first.
    """
    from engine.audio import encoding
    from engine.audio.labels import Labels

    samples, rate, starts = _placed(parts)
    offsets = [start / rate for start in starts]
    chapters = tuple(
        Chapter(part.heading, offset)
        for part, offset in zip(parts, offsets, strict=True)
        if part.heading is not None
    )
    labels = Labels(parts[0].engine, request.mode is Mode.CLONE, request.generation, chapters)
    return Speech(
        audio=encoding.encode(samples, rate, request.format, labels),
        format=request.format,
        sample_rate=rate,
        duration_seconds=len(samples) / rate,
        language=request.language,
        seed=request.seed or 0,
        engine=parts[0].engine,
        words=tuple(
            Word(word.text, word.start + offset, word.end + offset)
            for part, offset in zip(parts, offsets, strict=True)
            for word in part.words
        ),
        chapters=chapters,
        peaks=encoding.peaks(samples),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
    )


def _placed(parts: Sequence[SpokenPart]) -> tuple[NDArray[np.float32], int, list[int]]:
    """All samples, their rate, and where each part begins. Only one part is decoded beside the whole."""
    import numpy as np
    import soundfile

    from engine.audio import edges

    rate: int = soundfile.info(io.BytesIO(parts[0].audio)).samplerate
    most = sum(_most_samples(part, rate) for part in parts) + round(rate * edges.TAIL_SECONDS) + 1
    whole = np.zeros(most, np.float32)
    starts: list[int] = []
    end = 0
    for number, part in enumerate(parts):
        sound = _decoded(part, rate)
        placing = edges.Placing(0.0, 0.0, rate)
        placed = placing.place(sound, part.pause, last=number == len(parts) - 1)
        starts.append(end)
        whole[end : end + len(placed)] = placed
        end += len(placed)
    return whole[:end], rate, starts


def _most_samples(part: SpokenPart, rate: int) -> int:
    import soundfile

    from engine.audio import edges

    info = soundfile.info(io.BytesIO(part.audio))
    frames: int = -(-info.frames * rate // info.samplerate)
    return frames + edges.gap(part.pause, rate)


def _decoded(part: SpokenPart, rate: int) -> NDArray[np.float32]:
    """A part may have another rate than the first: another engine spoke it."""
    import numpy as np
    import soundfile
    from scipy.signal import resample_poly

    sound, own = soundfile.read(io.BytesIO(part.audio), dtype="float32")
    if own == rate:
        return np.asarray(sound, np.float32)
    common = gcd(own, rate)
    return np.asarray(resample_poly(sound, rate // common, own // common), np.float32)
