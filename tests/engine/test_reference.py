import io
import struct
import time

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine import reference
from engine.errors import ReferenceRejected

Samples = NDArray[np.float32]


def babble(seconds: float, rate: int = 16_000) -> Samples:
    """A pitch glide in syllables with pauses between: loud and quiet like speech."""
    time_axis = np.arange(int(seconds * rate)) / rate
    syllables = np.clip(np.sin(2 * np.pi * 2 * time_axis), 0.003, 1)
    tone = np.sin(2 * np.pi * (150 * time_axis + 5 * np.sin(time_axis)))
    spoken: Samples = (0.4 * syllables * tone).astype(np.float32)
    return spoken


def encoded(samples: Samples, rate: int = 16_000, kind: str = "WAV", subtype: str | None = None) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        ("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "PCM_U8"), ("WAV", "FLOAT"), ("WAV", "DOUBLE"),
        ("WAVEX", "PCM_24"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", None),
    ],
)  # fmt: skip
def test_common_recordings_are_welcome(kind: str, subtype: str | None) -> None:
    data = encoded(np.stack([babble(6, 48_000)] * 2, axis=1), 48_000, kind, subtype)
    info = reference.inspect(data)
    assert (info.sample_rate, info.channels, info.warnings) == (48_000, 2, ())
    assert info.duration_seconds == pytest.approx(6, abs=0.1)
    told, samples = reference.read(data)
    assert (samples.ndim, samples.dtype.name, told) == (1, "float32", info)
    assert np.abs(samples).max() == pytest.approx(0.4, abs=0.05)


def test_stereo_becomes_the_mean_of_its_channels() -> None:
    left = babble(6)
    _, samples = reference.read(encoded(np.stack([left, np.zeros_like(left)], axis=1), subtype="FLOAT"))
    assert np.allclose(samples, left / 2, atol=1e-6)


def nan_wav() -> bytes:
    samples = babble(6)
    samples[777] = np.nan
    return encoded(samples, subtype="FLOAT")


def infinite_wav() -> bytes:
    samples = babble(6)
    samples[777] = np.inf
    return encoded(samples, subtype="FLOAT")


def patched(data: bytes, offset: int, value: int) -> bytes:
    return data[:offset] + struct.pack("<I", value) + data[offset + 4 :]


UNREADABLE = "Reference audio could not be read as WAV or MP3"
TOO_SHORT = "Reference audio must be at least 5 seconds"
REFUSED = {
    "3 s": (encoded(babble(3)), f"{TOO_SHORT}; 3.0 s"),
    "just short": (encoded(babble(4.999)), TOO_SHORT),
    "8 kHz": (encoded(babble(6, 8_000), 8_000), "Reference audio must be at least 16 kHz"),
    "text": (b"RIFFing on an idea, this is no recording at all.\n" * 4000, UNREADABLE),
    "empty": (b"", UNREADABLE),
    "NaN": (nan_wav(), f"{UNREADABLE}: it holds samples that are not numbers"),
    "infinite": (infinite_wav(), f"{UNREADABLE}: it holds samples"),
    "far beyond full scale": (encoded(babble(6) * 1e9, subtype="FLOAT"), UNREADABLE),
    "silence": (encoded(np.zeros(96_000, np.float32)), "Reference audio is silent"),
    "constant offset": (encoded(np.full(96_000, 0.5, np.float32)), "Reference audio is silent"),
    "one click": (encoded(np.eye(1, 96_000, 9, np.float32)[0]), "Reference audio is silent"),
    "truncated MP3": (encoded(babble(8), kind="MP3")[:2000], TOO_SHORT),
    "truncated WAV": (encoded(babble(8))[:90_000], f"{TOO_SHORT}; 2.8 s"),
    "hours claimed": (patched(encoded(babble(3)), 40, 0xFFFFFFF0), TOO_SHORT),
    "absurd rate": (patched(encoded(babble(6)), 24, 0x7FFFFFFF), UNREADABLE),
    "too many channels": (encoded(np.zeros((9000, 16), np.float32)), UNREADABLE),
    "10 MB": (encoded(babble(400))[: reference.MAX_BYTES], "Reference audio must be under 10 MB"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_why(name: str) -> None:
    data, beginning = REFUSED[name]
    with pytest.raises(ReferenceRejected) as refused:
        reference.inspect(data)
    assert str(refused.value).startswith(beginning)
    with pytest.raises(ReferenceRejected):
        reference.read(data)


def test_one_byte_under_the_limit_is_served() -> None:
    data = encoded(babble(400))[: reference.MAX_BYTES - 1]
    assert reference.inspect(data).duration_seconds > 300


def test_a_truncated_recording_with_enough_left_is_served() -> None:
    torn = encoded(babble(20), kind="MP3")[:-3000]
    assert reference.inspect(torn).sample_rate == 16_000
    info, samples = reference.read(torn)
    assert 15 * info.sample_rate < len(samples) < 20 * info.sample_rate
    assert np.abs(samples).max() == pytest.approx(0.4, abs=0.05)
    assert reference.inspect(encoded(babble(20))[:-300_001]).duration_seconds == pytest.approx(10.6, abs=0.1)


@pytest.mark.parametrize("kind", ["MP3", "FLAC", "WAV"])
def test_only_the_first_half_minute_is_decoded(kind: str) -> None:
    data = encoded(babble(320), kind=kind)
    started = time.perf_counter()
    info, samples = reference.read(data)
    assert len(samples) == 30 * info.sample_rate
    assert time.perf_counter() - started < 2
    assert reference.inspect(data).duration_seconds == pytest.approx(320, abs=1)


def test_noise_and_clipping_are_told() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, 96_000).astype(np.float32)
    assert "noise" in reference.inspect(encoded(noise)).warnings[0]
    assert "clipped" in reference.inspect(encoded(np.clip(babble(6) * 9, -1, 1))).warnings[0]


@pytest.mark.parametrize("kind", ["WAV", "MP3", "FLAC", "OGG"])
def test_damaged_bytes_never_raise_anything_else(kind: str) -> None:
    random = np.random.default_rng(7)
    whole = np.frombuffer(encoded(babble(6), kind=kind), np.uint8)
    outcomes = set()
    for turn in range(60):
        damaged = whole.copy()
        reach = min(len(damaged), 400 if turn % 2 else len(damaged))
        damaged[random.integers(0, reach, 25)] = random.integers(0, 256, 25)
        try:
            reference.inspect(damaged.tobytes())
            outcomes.add("served")
        except ReferenceRejected:
            outcomes.add("refused")
    assert "refused" in outcomes
