"""The meter against the signals of EBU Tech 3341, played over one channel: 3.01 LU below their two."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.audio.loudness import limited, loudness, true_peak

ONE_CHANNEL = -10 * math.log10(2)


def tone(decibels: float, seconds: float, rate: int, hertz: float = 1000.0) -> NDArray[np.float32]:
    phase = 2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate
    return (10 ** (decibels / 20) * np.sin(phase)).astype(np.float32)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(-23, 20)], -23),
        ([(-33, 20)], -33),
        ([(-36, 10), (-23, 60), (-36, 10)], -23),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
    ids=["case-1", "case-2", "case-3", "case-4", "case-5"],
)
def test_the_signals_of_the_broadcasting_union(
    rate: int, parts: list[tuple[float, float]], expected: float
) -> None:
    signal = np.concatenate([tone(decibels, seconds, rate) for decibels, seconds in parts])
    assert loudness(signal, rate) == pytest.approx(expected + ONE_CHANNEL, abs=0.1)


def test_low_tones_count_less_and_high_ones_more() -> None:
    middle, low, high = (loudness(tone(-23, 5, 48_000, hertz), 48_000) for hertz in (1000, 40, 8000))
    assert low < middle - 4
    assert high == pytest.approx(middle + 3.3, abs=0.2)


def test_silence_and_nothing_have_no_loudness() -> None:
    assert loudness(np.zeros(48_000, np.float32), 24_000) == -math.inf
    assert loudness(np.zeros(0, np.float32), 24_000) == -math.inf


def test_a_short_clip_is_as_loud_as_if_it_went_on() -> None:
    short, long = tone(-20, 0.05, 24_000), tone(-20, 5, 24_000)
    assert loudness(short, 24_000) == pytest.approx(loudness(long, 24_000), abs=0.1)


def test_a_long_recording_is_measured_in_stretches_without_seams() -> None:
    noise = np.random.default_rng(2).standard_normal(24_000 * 31).astype(np.float32) * 0.1
    assert loudness(noise, 24_000) == pytest.approx(loudness(noise[: 24_000 * 9], 24_000), abs=0.05)


@pytest.mark.parametrize("eighths", [0, 1, 2, 3])
def test_peaks_between_the_samples_are_seen(eighths: int) -> None:
    """EBU Tech 3341, cases 15 to 18: a quarter of the rate, sampled anywhere between its peaks."""
    phase = np.pi / 2 * np.arange(24_000) + np.pi / 4 * eighths / 2
    swell = np.sin(np.pi * np.arange(24_000) / 24_000)
    peak = true_peak((0.5 * swell * np.sin(phase)).astype(np.float32))
    assert 20 * math.log10(peak / 0.5) == pytest.approx(0, abs=0.4)


@pytest.mark.parametrize("length", [0, 1, 5, 20, 21])
def test_the_shortest_stretches_are_limited_too(length: int) -> None:
    loud = np.full(length, 2.0, np.float32)
    assert len(limited(loud, 24_000)) == length
    assert np.all(np.abs(limited(loud, 24_000)) < 1.0)
