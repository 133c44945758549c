from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine.backends.audio_stream import AudioStream, Encoding, UnreadableStream

TONE = (0.5 * np.sin(np.arange(2400) / 7)).astype(np.float32)


def wav(samples: NDArray[np.float32] = TONE, subtype: str = "PCM_16", rate: int = 48_000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype=subtype)
    return file.getvalue()


def fed(stream: AudioStream, data: bytes, size: int) -> NDArray[np.float32]:
    return np.concatenate([stream.feed(data[at : at + size]) for at in range(0, len(data), size)])


@pytest.mark.parametrize("size", [1, 7, 44, 1000, 10_000])
@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_wav_in_pieces_of_any_size(size: int, subtype: str) -> None:
    stream = AudioStream()
    samples = fed(stream, wav(subtype=subtype), size)
    np.testing.assert_allclose(samples, TONE, atol=1e-4)
    assert stream.encoding is not None
    assert stream.encoding.sample_rate == 48_000
    assert stream.is_whole


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_header_that_leaves_the_size_open(size: int) -> None:
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", size, b"WAVE", b"fmt ", 16, 1, 1, 24000, 48000, 2, 16, b"data", size
    )
    stream = AudioStream()
    assert len(stream.feed(header + b"\1\2\3")) == 1
    assert stream.is_whole
    assert len(stream.feed(b"\4")) == 1


def test_channels_are_mixed() -> None:
    stereo = np.column_stack([TONE, -TONE, np.full_like(TONE, 0.3)])
    np.testing.assert_allclose(AudioStream().feed(wav(stereo)), 0.1, atol=1e-4)


def test_extensible_headers_and_unknown_chunks_are_read_over() -> None:
    file = io.BytesIO()
    soundfile.write(file, TONE, 16_000, format="WAVEX", subtype="PCM_16")
    data = file.getvalue()
    with_note = data[:12] + b"note" + struct.pack("<I", 3) + b"abc\0" + data[12:]
    np.testing.assert_allclose(AudioStream().feed(with_note), TONE, atol=1e-4)


def test_what_follows_the_samples_is_no_sound() -> None:
    stream = AudioStream()
    assert len(stream.feed(wav() + b"LIST" + b"\x7f" * 40)) == len(TONE)


def test_less_than_announced_is_not_whole() -> None:
    stream = AudioStream()
    stream.feed(wav()[:-2])
    assert not stream.is_whole
    assert not AudioStream().is_whole


def test_bare_samples() -> None:
    stream = AudioStream(Encoding(48_000))
    samples = fed(stream, (TONE * 32767).astype("<i2").tobytes(), 333)
    np.testing.assert_allclose(samples, TONE, atol=1e-4)
    assert stream.is_whole


@pytest.mark.parametrize(
    "data",
    [
        b"<html>",
        b'{"error":',
        b"RIFF\0\0\0\0AVI LIST",
        wav(subtype="PCM_24"),
        wav()[:12] + wav()[36:],
        b"RIFF\xff\xff\xff\xffWAVE" + b"note\xff\xff\xff\x7f" + b"x" * 70_000,
        wav(rate=4000),
    ],
)
def test_what_is_no_such_audio_says_why(data: bytes) -> None:
    with pytest.raises(UnreadableStream, match=r"^(it|its) "):
        AudioStream().feed(data)
