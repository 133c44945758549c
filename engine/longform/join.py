"""The spoken parts of a long text made into one file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from engine.values import Chapter, Mode, Speech, SpeechRequest, Word


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

    Each part was levelled to the same loudness when it was spoken.
    """
    import soundfile

    from engine.audio import edges, encoding
    from engine.audio.labels import Labels

    decoded = [soundfile.read(io.BytesIO(part.audio), dtype="float32") for part in parts]
    rate: int = decoded[0][1]
    samples, starts = edges.joined([sound for sound, _ in decoded], [part.pause for part in parts], rate)
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
