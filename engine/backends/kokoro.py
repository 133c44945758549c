"""Kokoro-82M v1.0 (int8) on ONNX Runtime.

The graph takes `tokens` int64 (1, n+2) padded with 0 at both ends, `style` float32 (1, 256) and `speed`
float32 (1,), and gives float32 samples at 24 kHz. It holds no random node: the same input gives the same
samples, so a seed other than the first only nudges the pace, which is enough to leave a bad rendering.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import onnxruntime

from engine import models
from engine.assets import MODEL
from engine.backends.protocol import Casting, Rendered
from engine.errors import ModelMissing
from engine.text.segments import Segment

MOST_TOKENS = 510
SLOWEST, FASTEST = 0.5, 2.0


class Kokoro:
    """One loaded model. `threads` 0 means one per core."""

    name = "kokoro"

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        path = models.require(folder, MODEL)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Spinning threads take the processor from the other workers of a small machine and gain nothing here.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own without a common base
            raise ModelMissing(f"The voice model could not be loaded ({error}): {models.MEND}.") from error

    def render(self, segment: Segment, code: str, casting: Casting, seed: int) -> Rendered:
        tokens = tokenise(segment.phonemes)[:MOST_TOKENS]
        feed = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": casting.style[len(tokens) - 1 : len(tokens)],
            "speed": np.array([min(max(casting.speed * _nudge(seed), SLOWEST), FASTEST)], dtype=np.float32),
        }
        samples = self._session.run(["audio"], feed)[0]
        return Rendered(np.asarray(samples, dtype=np.float32).ravel())


def tokenise(phonemes: str) -> list[int]:
    """Token ids of the phonemes the model knows."""
    known = alphabet()
    return [known[symbol] for symbol in phonemes if symbol in known]


@cache
def alphabet() -> dict[str, int]:
    """The model's phonemes and punctuation with their token ids, from its published configuration."""
    text = resources.files("engine.backends").joinpath("kokoro_alphabet.json").read_text(encoding="utf-8")
    known: dict[str, int] = json.loads(text)
    return known


def _nudge(retry: int) -> float:
    return 1.0 + 0.01 * retry
