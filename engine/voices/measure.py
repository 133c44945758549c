"""Measure the stock voices again: `python -m engine.voices.measure MODELS_FOLDER` (some twenty minutes).

Writes the two tables beside this file: `stock.toml` (pitch, spread, brightness and pace; grades and ages are
kept as they stand) and `stock_likeness.npz` (the speaker encoder's view of every voice under every effect of
the grid). Needed only when voices, encoder or effects change.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.assets import ENCODER
from engine.models import require
from engine.packs import Packs
from engine.voices.candidates import GRID
from engine.voices.encoder import SpeakerEncoder
from engine.voices.fit import Say
from engine.voices.fitting import OUTPUT_RATE
from engine.voices.pitch import profile

Samples = NDArray[np.float32]

_SENTENCES = (
    "ðə bˈɔɪ wʌz ðɛɹ wɛn ðə sˈʌn ɹˈoʊz ˌoʊvɚ ðə smˈuːð blˈuː lˈeɪk.",
    "wiː ˈɔfən sˈɔː hˌɪm baɪ ðə wˈɪndoʊ, ɹˈiːdɪŋ ɐbˌaʊt ʃˈɪps ænd ðə jˈʌŋ kˈɪŋ.",
    "plˈiːz tʃˈuːz ðə jˈɛloʊ dʒˈɑːɹ; ðə fˈɪʃ twˈɪstᵻd ænd tˈɜːnd ɔnðə bˈɛnt hˈʊk.",
    "ɐ lˈɑːɹdʒ sˈaɪz ɪn stˈɑːkɪŋz ɪz hˈɑːɹd tə sˈɛl, bˌʌt fˈɔːɹ ˈaʊɚz ʌv stˈɛdi wˈɜːk fˈeɪsd ˌʌs.",
)
_HERE = Path(__file__).parent
_QUANTUM = 255


def main(folder: Path) -> None:
    say, packs = speaker_of(folder), Packs(folder)
    encoder = SpeakerEncoder(require(folder, ENCODER))
    features: dict[str, dict[str, float]] = {}
    views: dict[str, NDArray[np.float32]] = {}
    for number, name in enumerate(sorted(packs), 1):
        spoken = [say(sentence, packs[name], 1.0) for sentence in _SENTENCES]
        features[name] = _features(spoken)
        views[name] = np.stack([encoder.embed(effects.apply(spoken[-1]), OUTPUT_RATE) for effects in GRID])
        print(f"{number}/{len(packs)} {name} {features[name]}", flush=True)
    write_likenesses(_HERE / "stock_likeness.npz", views)
    _rewrite(_HERE / "stock.toml", features)


def speaker_of(folder: Path) -> Say:
    """The acoustic model as a function of phonemes, style table and speed."""
    from engine.backends.kokoro import Kokoro

    return Kokoro(folder).say


def write_likenesses(path: Path, views: dict[str, NDArray[np.float32]]) -> None:
    """Embeddings are never negative and at most 1: one byte a number, scaled by the largest of each."""
    names = sorted(views)
    stacked = np.stack([views[name] for name in names])
    scaled = np.round(stacked / stacked.max(axis=2, keepdims=True) * _QUANTUM).astype(np.uint8)
    np.savez_compressed(path, names=np.array(names), embeddings=scaled)


def _features(spoken: list[Samples]) -> dict[str, float]:
    pitches = [profile(samples, OUTPUT_RATE) for samples in spoken]
    seconds = sum(_spoken_seconds(samples) for samples in spoken)
    return {
        "pitch": round(float(np.exp(np.mean(np.log([pitch.median for pitch in pitches])))), 1),
        "spread": round(float(np.mean([pitch.spread for pitch in pitches])), 2),
        "bright": round(float(np.mean([_brightness(samples) for samples in spoken])), 1),
        "pace": round(sum(map(len, _SENTENCES)) / seconds, 2),
    }


def _spoken_seconds(samples: Samples) -> float:
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return float(loud[-1] - loud[0]) / OUTPUT_RATE


def _brightness(samples: Samples) -> float:
    """Decibels of 2.5-8 kHz against 0.1-1 kHz in the louder frames."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, 1024)[::512]
    level = frames.std(axis=1)
    loud = frames[level > np.percentile(level, 60)]
    power = (np.abs(np.fft.rfft(loud * np.hanning(1024))) ** 2).mean(axis=0)
    frequencies = np.fft.rfftfreq(1024, 1 / OUTPUT_RATE)
    high = power[(frequencies > 2500) & (frequencies < 8000)].sum()
    low = power[(frequencies > 100) & (frequencies < 1000)].sum()
    return float(10 * np.log10(high / low))


def _rewrite(path: Path, features: dict[str, dict[str, float]]) -> None:
    text = path.read_text("utf-8")
    for name, row in features.items():
        for feature, value in row.items():
            text = re.sub(rf"(?m)^({name} = .*\b{feature} = )-?[\d.]+", rf"\g<1>{value}", text)
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
