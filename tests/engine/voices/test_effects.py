import numpy as np
import pytest
from numpy.typing import NDArray

from engine.voices import Effects
from engine.voices.pitch import profile

RATE = 24_000


def vowel(pitch: float = 120.0, seconds: float = 1.5) -> NDArray[np.float32]:
    """A glottal pulse train through three formants, in four syllables."""
    from scipy.signal import lfilter

    time_axis = np.arange(int(seconds * RATE)) / RATE
    turns = np.floor(time_axis * pitch)
    sound = np.diff(turns, prepend=0.0)
    for centre in (600.0, 1400.0, 2600.0):
        radius, angle = np.exp(-np.pi * 90 / RATE), 2 * np.pi * centre / RATE
        sound = lfilter([1.0], [1.0, -2 * radius * np.cos(angle), radius**2], sound)
    sound *= np.clip(np.sin(2 * np.pi * 2.6 * time_axis), 0.02, 1)
    return np.asarray(0.3 * sound / np.abs(sound).max(), dtype=np.float32)


def first_formant(samples: NDArray[np.float32]) -> float:
    """Where linear prediction sees the strongest resonance below 1 kHz, in hertz."""
    from scipy.linalg import solve_toeplitz

    emphasised = np.diff(samples.astype(np.float64))
    power = np.abs(np.fft.rfft(emphasised, 2 * len(samples))) ** 2
    lags = np.fft.irfft(power)[:29]
    roots = np.roots(np.concatenate([[1.0], -solve_toeplitz(lags[:-1], lags[1:])]))
    below = [root for root in roots if 300 < np.angle(root) * RATE / 2 / np.pi < 1000]
    return float(np.angle(max(below, key=abs)) * RATE / 2 / np.pi)


def treble(samples: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    return float(spectrum[frequencies > 2000].sum() / spectrum.sum())


def test_neutral_effects_hand_back_the_same_samples() -> None:
    samples = vowel()
    assert Effects(seed=5).apply(samples) is samples


@pytest.mark.parametrize("ratio", [0.75, 1.3])
def test_pitch_moves_and_formants_stay(ratio: float) -> None:
    samples = vowel()
    moved = Effects(pitch=ratio).apply(samples)
    assert profile(moved, RATE).median == pytest.approx(120 * ratio, rel=0.03)
    assert len(moved) == pytest.approx(len(samples) / ratio, rel=0.01)
    assert first_formant(moved) == pytest.approx(first_formant(samples), rel=0.13)


@pytest.mark.parametrize("ratio", [0.85, 1.15])
def test_formants_move_and_pitch_stays(ratio: float) -> None:
    samples = vowel()
    moved = Effects(formant=ratio).apply(samples)
    assert profile(moved, RATE).median == pytest.approx(120, rel=0.02)
    assert first_formant(moved) / first_formant(samples) == pytest.approx(ratio, abs=0.09)


def test_a_whisper_has_no_voice_left() -> None:
    samples = vowel()
    assert profile(Effects(whisper=1).apply(samples), RATE).voiced < profile(samples, RATE).voiced / 2


def periodicity_above_two_kilohertz(samples: NDArray[np.float32], pitch: int) -> float:
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / RATE) < 2000] = 0
    high = np.fft.irfft(spectrum)
    period = RATE // pitch
    return float(np.dot(high[:-period], high[period:]) / np.dot(high, high))


def test_breath_blurs_the_treble() -> None:
    samples = vowel(120)
    breathy = Effects(breath=1).apply(samples)
    assert periodicity_above_two_kilohertz(samples, 120) > 0.9
    assert periodicity_above_two_kilohertz(breathy, 120) < 0.7
    assert profile(breathy, RATE).median == pytest.approx(120, rel=0.02)


def test_tilt_adds_or_takes_treble() -> None:
    samples = vowel()
    warm, plain, bright = (treble(Effects(tilt=tilt, seed=1).apply(samples)) for tilt in (-6, 0.01, 6))
    assert warm < plain < bright


@pytest.mark.parametrize(
    "effects",
    [
        Effects(tremor=1),
        Effects(rough=1),
        Effects(breath=0.5, seed=3),
        Effects(whisper=0.5),
        Effects(pitch=1.2),
    ],
)
def test_every_effect_changes_the_sound_repeatably_and_keeps_the_level(effects: Effects) -> None:
    samples = vowel()
    changed = effects.apply(samples)
    assert changed.dtype == np.float32
    assert np.array_equal(changed, effects.apply(samples))
    assert len(changed) != len(samples) or not np.allclose(changed, samples, atol=1e-3)
    assert np.std(changed) == pytest.approx(np.std(samples), rel=0.1)
    assert np.abs(changed).max() <= 0.98


@pytest.mark.parametrize("length", [0, 1, 100, 1023, 1024, 5000])
def test_short_and_silent_audio_pass(length: int) -> None:
    effects = Effects(pitch=1.1, formant=1.1, tilt=2, breath=0.5, whisper=0.5, tremor=0.5, rough=0.5)
    changed = effects.apply(np.zeros(length, np.float32))
    assert np.isfinite(changed).all()
    assert not changed.any()
