from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from engine.longform import SpokenPart, join
from engine.values import AudioFormat, SpeechRequest, Word

RATE = 24_000


def part(
    frequency: float, seconds: float, pause: float, heading: str | None = None, rate: int = RATE
) -> SpokenPart:
    tone = 0.2 * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)
    file = io.BytesIO()
    soundfile.write(file, tone.astype(np.float32), rate, format="FLAC", subtype="PCM_16")
    return SpokenPart(file.getvalue(), pause, heading, (Word("tone", 0.1, seconds),), "kokoro", ("odd",))


@pytest.mark.parametrize("format", list(AudioFormat))
def test_parts_follow_each_other_with_their_pauses(format: AudioFormat) -> None:
    parts = [part(300, 1.0, 0.7, "One"), part(600, 2.0, 0.5, "Two", 48_000), part(900, 1.0, 0.0, rate=44_100)]
    speech = join(parts, SpeechRequest("", "en", seed=5, format=format))
    sound, rate = soundfile.read(io.BytesIO(speech.audio))
    assert len(sound) / rate == pytest.approx(speech.duration_seconds, abs=0.06)
    assert 4.8 < speech.duration_seconds < 5.4
    for at, expected in ((0.5, 300), (2.5, 600), (4.6, 900)):
        window = sound[int(at * rate) : int((at + 0.2) * rate)]
        loudest = np.argmax(np.abs(np.fft.rfft(window))) * rate / len(window)
        assert loudest == pytest.approx(expected, abs=10)
    quiet = sound[int(1.1 * rate) : int(1.3 * rate)]
    assert np.abs(quiet).max() < 0.02


def test_words_and_chapters_move_to_their_place() -> None:
    parts = [part(300, 1.0, 0.7, "One"), part(600, 2.0, 0.0, "Two")]
    speech = join(parts, SpeechRequest("", "en", seed=5))
    begins = speech.chapters[1].start
    assert [chapter.title for chapter in speech.chapters] == ["One", "Two"]
    assert 1.4 < begins < 1.8
    assert speech.words == (Word("tone", 0.1, 1.0), Word("tone", begins + 0.1, begins + 2.0))
    assert (speech.seed, speech.engine, speech.warnings) == (5, "kokoro", ("odd",))
    assert len(speech.peaks) == 200
