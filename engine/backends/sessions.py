"""One model for two loads: all threads for a lone request, one thread each for a backlog.

On two cores, two calls of one thread each make two fifths more speech a second than two threads on one call
after another; one call on two threads is done sooner. Samples are the same either way, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import onnxruntime

if TYPE_CHECKING:
    from engine.crowd import Crowd


_UNWANTED_OPTIMIZERS = ("TransposeOptimizer", "TransposeOptimizer_CPUExecutionProvider")
"""They move transpositions on until sums run across memory, which is slow and rounds otherwise."""


class Sessions:
    """`read` gives the bytes of the model; `threads` 0 means one per core.

    The session of one thread is opened at the first backlog and shared by all its calls: with what two
    calls at once need it takes about 700 MB more.
    """

    def __init__(self, read: Callable[[], bytes], threads: int, crowd: Crowd) -> None:
        self._read = read
        self._crowd = crowd
        self._wide = opened(read(), threads)
        self._threads = threads
        self._opening = Lock()

    def run(self, outputs: Sequence[str], feed: Mapping[str, Any]) -> list[Any]:
        """The outputs of one call."""
        session = self._wide if self._threads == 1 or self._crowd.is_one else self._one_thread()
        found: list[Any] = session.run(list(outputs), dict(feed))
        return found

    def _one_thread(self) -> onnxruntime.InferenceSession:
        with self._opening:
            return self._narrow

    @cached_property
    def _narrow(self) -> onnxruntime.InferenceSession:
        return opened(self._read(), 1)


def opened(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    """A session of a serialised model on the processor, for `threads` (0: one per core)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Spinning threads take the processor from the other workers of a small machine and gain nothing here.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"], disabled_optimizers=list(_UNWANTED_OPTIMIZERS)
    )
