"""VoxCPM2 in this process, through the `voxcpm` package.

One model object serves one request at a time: two at once return wrong audio without an error, and compiled
graphs belong to the thread that made them. So one thread of our own loads, compiles and runs everything,
line by line. Lines of several requests take turns; each sets its seed, so they cannot change one another.
One object a process: PyTorch has one stream of random numbers for all of them.
"""

from __future__ import annotations

import io
import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from engine.backends.made_voices import MadeVoices
from engine.backends.narration import Chunk, Chunks, Heard, Recording, record
from engine.backends.relay import relayed
from engine.backends.voxcpm_checkpoint import Device, load
from engine.backends.voxcpm_clip import clip
from engine.backends.voxcpm_prompt import LANGUAGES, Line, Transcripts, Voice, prompt_of, unserved
from engine.errors import BackendUnavailable
from engine.values import Cancelled, Progress, SpeechRequest

_KEPT_VOICES = 16
_NO_RATIO = 1e6
"""The package limits the audio by its tokens, of which bytes of rare scripts are many; we limit by time."""


class VoxCPM:
    """Speaks whole requests with the checkpoint in `folder`; may be shared between threads.

    The model is loaded when first needed: `ModelMissing` or `BackendUnavailable` come from then. `threads`
    is for the CPU, 0 leaves PyTorch's own number. `made` keeps the voices that are only described.
    """

    name = "voxcpm"
    languages = LANGUAGES

    def __init__(
        self,
        folder: Path,
        *,
        device: Device = "auto",
        compiled: bool = True,
        transcripts: Transcripts = Transcripts.BOTH,
        made: MadeVoices | None = None,
        threads: int = 0,
    ) -> None:
        self._folder = folder
        self._device: Device = device
        self._compiled = compiled
        self._transcripts = transcripts
        self._made = made
        self._threads = threads
        self._owner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voxcpm")
        self._encoded = lru_cache(_KEPT_VOICES)(self._encode)

    def speak(
        self,
        request: SpeechRequest,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        heard: Heard | None = None,
    ) -> Recording:
        """The whole request at 48 kHz. Raises `EngineError`s only; cancels within 160 ms of speech."""
        return record(
            prompt_of(request, self._transcripts), self._render, progress, cancelled, heard, self._made
        )

    def unserved(self, request: SpeechRequest) -> list[str]:
        return unserved(request)

    def warm_up(self) -> None:
        """Load the model and speak once without and once with a recording: both ways are compiled apart."""
        prompt = prompt_of(SpeechRequest(text="Ready when you are.", seed=0))
        heard = record(prompt, self._render)
        voice = Voice(reference=clip(heard.samples, heard.sample_rate))
        record(replace(prompt, voice=voice), self._render)

    def close(self) -> None:
        """Wait for the line being spoken and give up the thread."""
        self._owner.shutdown()

    def _render(self, line: Line, cancelled: Cancelled | None) -> Chunks:
        return relayed(self._owner.submit, lambda: self._patches(line), cancelled)

    def _patches(self, line: Line) -> Chunks:
        """On the owner thread: 160 ms of speech per step of the model."""
        model = self._model
        import torch

        patch_seconds = model.patch_size * model.audio_vae.chunk_size / model.audio_vae.sample_rate
        try:
            voice = self._encoded(line.voice) if line.voice.is_given else None
            torch.manual_seed(line.seed)
            steps = model.generate_with_prompt_cache_streaming(
                target_text=line.text,
                prompt_cache=voice,
                cfg_value=line.cfg_value,
                inference_timesteps=line.inference_timesteps,
                max_len=math.ceil(line.most_seconds / patch_seconds),
                retry_badcase_ratio_threshold=_NO_RATIO,
            )
            # Left open, the generator would spoil whatever the model does next.
            with closing(steps):
                for audio, _, _ in steps:
                    yield Chunk(audio.squeeze(0).numpy(), model.sample_rate)
        except torch.cuda.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise BackendUnavailable(
                "The graphics card ran out of memory: VoxCPM2 needs about 8 GB that nothing else uses."
            ) from error

    @cached_property
    def _model(self) -> Any:
        model = load(self._folder, device=self._device, compiled=self._compiled)
        if self._threads:
            import torch

            torch.set_num_threads(self._threads)
        return model

    def _encode(self, voice: Voice) -> Any:
        """The recordings as the model's own latents; it only reads them, so calls may share them."""
        return self._model.build_prompt_cache(
            prompt_text=voice.transcript,
            prompt_wav_path=io.BytesIO(voice.continued) if voice.continued is not None else None,
            reference_wav_path=io.BytesIO(voice.reference) if voice.reference is not None else None,
        )
