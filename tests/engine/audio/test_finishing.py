"""Edges, loudness and encoding on made signals."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine.audio.edges import LEAD_SECONDS, TAIL_SECONDS, bounds, joined, quietened
from engine.audio.encoding import encode, peaks
from engine.audio.loudness import CEILING_DBTP, TARGET_LUFS, levelled, loudness, true_peak
from engine.audio.ogg import steady
from engine.values import AudioFormat

RATE = 24_000


def tone(seconds: float, level: float = 0.3, hertz: float = 440.0) -> NDArray[np.float32]:
    time = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * RATE), dtype=np.float32)


def test_silence_around_the_sound_is_cut_to_a_little_air() -> None:
    samples = np.concatenate([silence(1), tone(1), silence(2)])
    first, last = bounds(samples, RATE)
    assert first / RATE == pytest.approx(1 - LEAD_SECONDS, abs=0.011)
    assert last / RATE == pytest.approx(2 + TAIL_SECONDS, abs=0.011)


def test_a_soft_tail_is_not_clipped() -> None:
    decay = tone(2.0) * np.exp(-np.arange(2 * RATE) / (0.3 * RATE)).astype(np.float32)
    _, last = bounds(np.concatenate([decay, silence(1)]), RATE)
    assert abs(decay[min(last, len(decay)) - 240 :]).max() < 0.3 * 10 ** (-45 / 20)


def test_parts_join_with_their_pause_and_end_in_quiet() -> None:
    whole, starts = joined([tone(1), tone(1)], [0.5, 0.5], RATE)
    assert starts[0] == 0
    gap = whole[RATE : starts[1]]
    assert len(gap) / RATE == pytest.approx(0.5 - LEAD_SECONDS - TAIL_SECONDS, abs=0.001)
    assert not gap.any()
    assert not whole[-round(TAIL_SECONDS * RATE) :].any()
    assert abs(whole[0]) < 1e-6


def test_joins_do_not_click() -> None:
    whole, _ = joined([tone(1, hertz=100)] * 2, [0.2, 0.2], RATE)
    assert np.abs(np.diff(whole)).max() < 1.5 * 0.3 * 2 * np.pi * 100 / RATE


def test_a_long_inner_pause_is_shortened() -> None:
    samples = np.concatenate([tone(1), silence(4), tone(1)])
    done, moved = quietened(samples, RATE)
    assert len(done) / RATE == pytest.approx(3.0, abs=0.05)
    assert moved(round(0.5 * RATE)) == round(0.5 * RATE)
    assert moved(len(samples)) == len(done)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 3.0])
@pytest.mark.parametrize("level", [0.003, 0.9])
def test_everything_comes_out_equally_loud(seconds: float, level: float) -> None:
    done = levelled(tone(seconds, level, 1000.0), RATE)
    assert loudness(done, RATE) == pytest.approx(TARGET_LUFS, abs=0.5)
    assert len(done) == round(seconds * RATE)


def test_peaks_are_held_under_the_ceiling() -> None:
    spiky = tone(3, 0.02)
    spiky[::4800] = 0.9
    done = levelled(spiky, RATE)
    assert 20 * np.log10(true_peak(done)) <= CEILING_DBTP + 0.1


def test_silence_stays_silence() -> None:
    assert not levelled(silence(1), RATE).any()


@pytest.mark.parametrize("format", list(AudioFormat))
def test_a_file_decodes_to_what_went_in(format: AudioFormat) -> None:
    samples = tone(1.5)
    data = encode(samples, RATE, format)
    decoded, rate = soundfile.read(io.BytesIO(data))
    assert len(decoded) / rate == pytest.approx(1.5, abs=0.06)
    assert np.sqrt(np.mean(decoded**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)
    assert encode(samples, RATE, format) == data


def test_only_ogg_is_rewritten_as_ogg() -> None:
    with pytest.raises(ValueError, match="not an Ogg page"):
        steady(b"RIFF" + bytes(60), 1)


def test_peaks_follow_the_loudness() -> None:
    drawn = peaks(np.concatenate([silence(1), tone(1, 0.5)]))
    assert len(drawn) == 200
    assert max(drawn[:99]) == 0
    assert min(drawn[101:]) == pytest.approx(0.5, abs=0.02)
    assert len(peaks(tone(0.001))) == 200
