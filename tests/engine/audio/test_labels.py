"""Every file says that it is synthetic and what made it; long ones say where their chapters are."""

from __future__ import annotations

import io
from dataclasses import replace

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.id3 import ID3
from mutagen.oggopus import OggOpus

from engine.audio.encoding import encode
from engine.audio.labels import SOURCE_TYPE, Labels
from engine.audio.live import LIVE_RATE, LiveEncoder, LiveFormat, as_pcm
from engine.longform import SpokenPart, join
from engine.speaker import Engine
from engine.values import AudioFormat, Mode, SpeechRequest

TONE = (0.3 * np.sin(np.arange(LIVE_RATE) / 8)).astype(np.float32)
CLONE = Labels("kokoro", cloned=True, generation="7a9cfd3e")
SAYS = "Synthetic speech in a voice cloned from a recording, made by Sayhook. Generation 7a9cfd3e."


def comments(data: bytes, format: str) -> list[str]:
    """All texts in a file's own labels, read by other code than wrote them."""
    if format == "wav":
        with soundfile.SoundFile(io.BytesIO(data)) as sound:
            return list(sound.copy_metadata().values())
    found = mutagen.File(io.BytesIO(data))
    return [str(value[0]) if isinstance(value, list) else str(value) for value in dict(found.tags).values()]


@pytest.mark.parametrize("format", list(AudioFormat))
def test_a_file_says_that_it_is_synthetic_and_sounds_as_without(format: AudioFormat) -> None:
    data = encode(TONE, LIVE_RATE, format, CLONE)
    assert encode(TONE, LIVE_RATE, format, CLONE) == data
    told = comments(data, format)
    assert SAYS in told
    assert any(text.startswith("Sayhook (kokoro)") for text in told)
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    assert rate == LIVE_RATE
    assert len(samples) == pytest.approx(LIVE_RATE, abs=2500)
    if format is not AudioFormat.WAV:
        assert SOURCE_TYPE in told


@pytest.mark.parametrize("format", [LiveFormat.WAV, LiveFormat.MP3, LiveFormat.FLAC, LiveFormat.OPUS])
def test_a_live_stream_says_it_too(format: LiveFormat) -> None:
    encoder = LiveEncoder(format, CLONE)
    data = encoder.feed(as_pcm(np.tile(TONE, 3))) + encoder.end()
    assert SAYS.encode() in data[:2000]


def test_what_the_engine_speaks_is_labelled(engine: Engine) -> None:
    speech = engine.speak(SpeechRequest(text="Hello.", language="en", generation=None))
    assert "Synthetic speech in a designed voice, made by Sayhook." in comments(speech.audio, "wav")


def parts() -> list[SpokenPart]:
    sound = encode(TONE, LIVE_RATE, AudioFormat.FLAC)
    return [SpokenPart(sound, 0.5, heading, (), "kokoro", ()) for heading in ("One — the sea", None, "Two")]


def test_chapters_are_marked_in_mp3_and_opus() -> None:
    asked = SpeechRequest(
        text="", language="en", reference=b"x", generation="7a9cfd3e", format=AudioFormat.MP3
    )
    speech = join(parts(), asked)
    assert asked.mode is Mode.CLONE
    starts = [round(chapter.start * 1000) for chapter in speech.chapters]
    tag = ID3(io.BytesIO(speech.audio))
    assert tag["CTOC:chapters"].child_element_ids == ["chapter1", "chapter2"]
    chapters = [tag[f"CHAP:chapter{number}"] for number in (1, 2)]
    assert [chapter.sub_frames["TIT2"].text[0] for chapter in chapters] == ["One — the sea", "Two"]
    assert [chapter.start_time for chapter in chapters] == starts
    assert chapters[0].end_time == starts[1]
    assert chapters[1].end_time == round(speech.duration_seconds * 1000)
    assert SAYS in comments(speech.audio, "mp3")
    opus = OggOpus(io.BytesIO(join(parts(), replace(asked, format=AudioFormat.OPUS)).audio))
    assert opus["CHAPTER001NAME"] == ["One — the sea"]
    assert opus["CHAPTER002"] == [f"00:00:{starts[1] / 1000:06.3f}"]
