"""What tests have done in a process of its own, where the `voxcpm` package can be imported.

The functions run there; arguments and results are pickled. One process serves a whole test session and keeps
each checkpoint it has loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.backends.made_voices import MadeVoices
from engine.backends.narration import Chunk, Recording, Take
from engine.backends.voxcpm import VoxCPM
from engine.backends.voxcpm_checkpoint import Device
from engine.backends.voxcpm_prompt import Transcripts
from engine.errors import Cancelled
from engine.narrator import Narrator
from engine.values import Speech, SpeechRequest

Samples = NDArray[np.float32]
P = ParamSpec("P")
T = TypeVar("T")


class Studio:
    """Calls functions of this module in the other process."""

    def __init__(self, packages: Path) -> None:
        self._pool = ProcessPoolExecutor(
            max_workers=1, mp_context=get_context("spawn"), initializer=_enter, initargs=(str(packages),)
        )

    def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._pool.submit(function, *args, **kwargs).result(timeout=300)

    def close(self) -> None:
        self._pool.shutdown()


def _enter(packages: str) -> None:
    sys.path.append(packages)
    os.environ.update(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false")


def opened(folder: Path, transcripts: Transcripts = Transcripts.BOTH) -> VoxCPM:
    return _opened(folder, transcripts)


@cache
def _opened(folder: Path, transcripts: Transcripts) -> VoxCPM:
    """One object for each: two that spoke at once would draw from PyTorch's one stream of random numbers."""
    return VoxCPM(folder, device="cpu", transcripts=transcripts, threads=1)


def speak(folder: Path, request: SpeechRequest, transcripts: Transcripts = Transcripts.BOTH) -> Recording:
    return opened(folder, transcripts).speak(request)


def speak_together(folder: Path, requests: Sequence[SpeechRequest]) -> list[Recording]:
    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(opened(folder).speak, requests))


def narrate(folder: Path, request: SpeechRequest) -> Speech:
    return Narrator(opened(folder)).speak(request)


def speak_with_kept_voices(folder: Path, request: SpeechRequest, kept: Path) -> Recording:
    backend = VoxCPM(folder, device="cpu", threads=1, made=MadeVoices(kept))
    try:
        return backend.speak(request)
    finally:
        backend.close()


class Audience:
    """Keeps what is told while a request is spoken."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []

    def making(self, chunk: Chunk, pause: float | None) -> None:
        self.chunks.append(chunk)

    def again(self) -> None:
        self.chunks.clear()

    def done(self, piece: Take) -> None: ...


def stream(folder: Path, request: SpeechRequest) -> list[Chunk]:
    audience = Audience()
    opened(folder).speak(request, heard=audience)
    return audience.chunks


def leave_stream(folder: Path, request: SpeechRequest) -> Chunk:
    """The first chunk; then the listener is gone."""
    audience = Audience()
    with suppress(Cancelled):
        opened(folder).speak(request, heard=audience, cancelled=lambda: bool(audience.chunks))
    return audience.chunks[0]


def count_steps(folder: Path, request: SpeechRequest, *, enough: int) -> int:
    """How many steps the model makes for a request that is cancelled once it has made `enough`."""
    backend = opened(folder)
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1

    watch = backend._owner.submit(lambda: backend._model).result().feat_decoder.register_forward_hook(count)
    with suppress(Cancelled):
        backend.speak(request, cancelled=lambda: steps >= enough)
    backend._owner.submit(watch.remove).result()
    return steps


def warm_up(folder: Path, device: Device = "cpu") -> None:
    VoxCPM(folder, device=device, threads=1).warm_up()


def drop_weight(folder: Path, name: str) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights[name]
    save_file(weights, folder / "model.safetensors")


def by_the_package(
    folder: Path, text: str, seed: int, recordings: dict[str, str | None] | None = None
) -> Samples:
    """What the package's own front door makes of model text: the judge of how we use its inside.

    Whole where it can be. After a recording the whole file comes out of the decoder a little different from
    the streamed one, whose first steps lack what went before.
    """
    import torch
    from voxcpm import VoxCPM as Package

    model = Package.from_pretrained(str(folder), load_denoiser=False, optimize=False, device="cpu")
    torch.manual_seed(seed)
    if recordings is None:
        return np.asarray(model.generate(text=text, retry_badcase=False))
    return np.concatenate(list(model.generate_streaming(text=text, retry_badcase=False, **recordings)))
