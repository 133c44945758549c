"""The speaker encoder: how alike two voices are.

The network and the pretrained weights are Resemblyzer's (Apache-2.0; generalised end-to-end loss, Wan et al.,
2018): three LSTM layers over 40 mel bands, windows of 1.6 s, 256 numbers of length 1 that are never negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torchaudio
from numpy.typing import NDArray

from engine.errors import ModelMissing

RATE = 16_000
DIMENSIONS = 256

Samples = NDArray[np.float32]
Embedding = NDArray[np.float32]

FRAMES_A_WINDOW, _STEP = 160, 77
"""Mel frames (of 10 ms) in a window, and from one window to the next."""

_QUIETEST = 10 ** (-30 / 20)
_FRAME = 480
_PAUSE_KEPT = 6
"""Frames of 30 ms of silence kept at the edges of speech."""


class SpeakerEncoder(torch.nn.Module):
    """Embeds mono samples; not safe to share between threads while it works."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        self.lstm = torch.nn.LSTM(40, DIMENSIONS, 3, batch_first=True)
        self.linear = torch.nn.Linear(DIMENSIONS, DIMENSIONS)
        self._mel = torchaudio.transforms.MelSpectrogram(
            RATE, n_fft=400, hop_length=160, n_mels=40, norm="slaney", mel_scale="slaney", pad_mode="constant"
        )
        self.load_state_dict(_state(weights), strict=False)
        self.eval()
        self.requires_grad_(False)

    def embed(self, samples: Samples, rate: int) -> Embedding:
        """256 float32 numbers of length 1 for mono samples at `rate` hertz."""
        return unit(self.windows(samples, rate).mean(axis=0))

    @torch.inference_mode()
    def embed_all(self, takes: Sequence[Samples], rate: int) -> list[Embedding]:
        """What `embed` gives for each, in one pass: the layers take hardly longer for several."""
        pieces = [self._pieces(samples, rate) for samples in takes]
        views = torch.split(self.views(torch.cat(pieces)), [len(piece) for piece in pieces])
        return [unit(view.numpy().mean(axis=0)) for view in views]

    @torch.inference_mode()
    def windows(self, samples: Samples, rate: int) -> Embedding:
        """One embedding for each 1.6 s of speech, half overlapping: shape (windows, 256)."""
        embeddings: Embedding = self.views(self._pieces(samples, rate)).numpy()
        return embeddings

    def _pieces(self, samples: Samples, rate: int) -> torch.Tensor:
        """Windows of mel frames: shape (windows, 160, 40)."""
        mel = self.mel(self.speech(samples, rate))
        if len(mel) < FRAMES_A_WINDOW:
            mel = torch.nn.functional.pad(mel, (0, 0, 0, FRAMES_A_WINDOW - len(mel)))
        return mel.unfold(0, FRAMES_A_WINDOW, _STEP).transpose(1, 2)

    def speech(self, samples: Samples, rate: int) -> torch.Tensor:
        """What the encoder listens to: at its own rate, loud enough, long pauses shortened."""
        wave = torch.from_numpy(resampled(samples, rate, RATE))
        return _speech_only(_loud_enough(wave))

    def mel(self, speech: torch.Tensor) -> torch.Tensor:
        """Power in 40 bands, 100 frames a second: shape (frames, 40)."""
        mel: torch.Tensor = self._mel(speech)
        return mel.T

    def views(self, pieces: torch.Tensor) -> torch.Tensor:
        """Embeddings of windows of mel frames, differentiable: (windows, 160, 40) to (windows, 256)."""
        _, (hidden, _) = self.lstm(pieces)
        return torch.nn.functional.normalize(torch.relu(self.linear(hidden[-1])), dim=1)


@contextmanager
def one_core() -> Iterator[None]:
    """Layers this small take several times as long on two cores: the threads mostly wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def likeness(one: Embedding, other: Embedding) -> float:
    """Cosine of two embeddings: near 0.9 for one speaker, near 0.5 for two."""
    return float(np.dot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other) + 1e-12))


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    wave = torch.from_numpy(np.ascontiguousarray(samples, np.float32))
    if rate != wanted:
        wave = torchaudio.functional.resample(wave, rate, wanted)
    moved: Samples = wave.numpy()
    return moved


def _state(weights: Path) -> dict[str, torch.Tensor]:
    try:
        state: dict[str, torch.Tensor] = torch.load(weights, map_location="cpu", weights_only=True)[
            "model_state"
        ]
    except FileNotFoundError as error:
        raise ModelMissing("The speaker encoder is missing: run `sayhook models fetch`.") from error
    return {name: value for name, value in state.items() if name.startswith(("lstm.", "linear."))}


def _loud_enough(wave: torch.Tensor) -> torch.Tensor:
    level = float(wave.square().mean().sqrt())
    return wave * (_QUIETEST / level) if 0 < level < _QUIETEST else wave


def _speech_only(wave: torch.Tensor) -> torch.Tensor:
    """Long pauses shortened: frames more than 35 dB under the loud ones, but for short edges of speech."""
    frames = wave[: len(wave) // _FRAME * _FRAME].reshape(-1, _FRAME)
    if len(frames) == 0:
        return wave
    level = frames.std(dim=1)
    loud = (level > level.quantile(0.95) * 10 ** (-35 / 20)).float()
    near = torch.nn.functional.max_pool1d(loud[None], 2 * _PAUSE_KEPT + 1, 1, _PAUSE_KEPT)[0] > 0
    return frames[near].reshape(-1)


def unit(vector: NDArray[np.float32]) -> Embedding:
    """The same direction at length 1."""
    unit: Embedding = (vector / (np.linalg.norm(vector) + 1e-12)).astype(np.float32)
    return unit
