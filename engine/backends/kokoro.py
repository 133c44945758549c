"""Kokoro-82M v1.0 (int8) on ONNX Runtime.

The graph takes `tokens` int64 (1, n+2) padded with 0 at both ends, `style` float32 (1, 256) and `speed`
float32 (1,), and gives float32 samples at 24 kHz. It holds no random node: the same input gives the same
samples, so a retry nudges the pace, which is enough to leave a bad rendering.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import models
from engine.assets import MODEL
from engine.backends import kokoro_graph
from engine.backends.protocol import Rendered
from engine.backends.sessions import Sessions
from engine.crowd import Crowd
from engine.errors import ModelMissing
from engine.text.alphabet import alphabet
from engine.text.segments import Segment
from engine.voices import Voice

FRAME_SAMPLES = 600
"""The model's durations count frames of 25 ms."""

_DURATIONS = "/encoder/Clip_output_0"
Samples = NDArray[np.float32]

SLOWEST, FASTEST = 0.5, 2.0


class Kokoro:
    """One loaded model, safe to share between threads; `threads` 0 means one per core.

    `crowd` tells it whether those who share it want to speak at the same time.
    """

    name = "kokoro"

    def __init__(self, folder: Path, *, threads: int = 0, crowd: Crowd | None = None) -> None:
        path = models.require(folder, MODEL)
        try:
            self._sessions = Sessions(
                lambda: kokoro_graph.soonest(path) + _also_output(_DURATIONS), threads, crowd or Crowd()
            )
        except Exception as error:  # onnxruntime raises classes of its own without a common base
            raise ModelMissing(f"The voice model could not be loaded ({error}): {models.MEND}.") from error

    def render(self, segment: Segment, code: str, voice: Voice, retry: int) -> Rendered:
        return self._run(segment.phonemes, voice.style, voice.speed * _nudge(retry))

    def say(self, phonemes: str, style: Samples, speed: float) -> Samples:
        """Samples of at most 510 phonemes of `engine.text.alphabet` in a style table of shape (510, 256)."""
        return self._run(phonemes, style, speed).samples

    def _run(self, phonemes: str, style: Samples, speed: float) -> Rendered:
        known = alphabet()
        tokens = [known[symbol] for symbol in phonemes]
        feed = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": style[len(tokens) - 1 : len(tokens)],
            "speed": np.array([min(max(speed, SLOWEST), FASTEST)], dtype=np.float32),
        }
        samples, frames = self._sessions.run(["audio", _DURATIONS], feed)
        return Rendered(np.asarray(samples, dtype=np.float32).ravel(), _spans(np.asarray(frames).ravel()))


def _spans(frames: NDArray[np.float32]) -> tuple[tuple[int, int], ...]:
    """The samples of every token between the two paddings."""
    edges = np.cumsum(frames.astype(int)) * FRAME_SAMPLES
    return tuple((int(first), int(last)) for first, last in pairwise(edges[:-1]))


def _also_output(tensor: str) -> bytes:
    """Bytes that, put behind a serialised ONNX model, make an inner tensor one of its outputs.

    Concatenated protocol buffers merge; the fields are ModelProto.graph (7), GraphProto.output (12) and
    ValueInfoProto.name (1).
    """
    message = tensor.encode()
    for field in (1, 12, 7):
        message = bytes([field << 3 | 2, len(message)]) + message
    return message


def _nudge(retry: int) -> float:
    return 1.0 + 0.01 * retry
