"""How VoxCPM2 servers are asked and how they answer.

OPENAI    `POST /v1/audio/speech` of vLLM-Omni: JSON with the recording as a data URI in `ref_audio` and its
          transcript in `ref_text`; streams WAV whose header leaves the size open. Errors are
          `{"error": {"message", "type", "param", "code"}}`, older ones without the outer object.
NANOVLLM  `POST /generate` of nano-vllm-voxcpm's service: JSON with recordings in base64; streams signed
          16-bit little-endian samples, described by `X-Audio-*` headers. Errors are FastAPI's
          `{"detail": ...}`.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.backends.voxcpm_prompt import Line

PATCHES_PER_SECOND = 6.25
_MOST_PATCHES = 3500
"""Both servers hold 4096 places for recording, text and speech; 30 seconds of recording take 188 each."""


class Dialect(StrEnum):
    OPENAI = "openai"
    NANOVLLM = "nanovllm"

    @property
    def speech_path(self) -> str:
        return "/v1/audio/speech" if self is Dialect.OPENAI else "/generate"

    @property
    def ready_path(self) -> str:
        return "/health" if self is Dialect.OPENAI else "/ready"

    @property
    def fixed(self) -> Mapping[str, float]:
        """Request fields that this server sets once for all, with our defaults, which need no warning."""
        steps = {"inference_timesteps": 10.0}
        return {"cfg_value": 2.0, **steps} if self is Dialect.OPENAI else steps


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not audio. `reason` is the server's own sentence, empty if it gave none."""

    status: int
    reason: str
    retry_after: float | None = None

    @property
    def is_temporary(self) -> bool:
        # vLLM-Omni reports failures of its own as 400 with this beginning.
        return self.status in (408, 429) or self.status >= 500 or self.reason.startswith(_OWN_FAILURES)


_OWN_FAILURES = ("Speech generation failed", "Client disconnected", "No output generated")


def body(dialect: Dialect, line: Line, model: str) -> dict[str, Any]:
    """The JSON that asks for `line`. `model` is what vLLM-Omni calls it; empty lets it choose."""
    patches = min(math.ceil(line.most_seconds * PATCHES_PER_SECOND), _MOST_PATCHES)
    return _openai(line, model, patches) if dialect is Dialect.OPENAI else _nanovllm(line, patches)


def _openai(line: Line, model: str, patches: int) -> dict[str, Any]:
    # Newer servers stream bare audio only for this stream_format, older ones need only `stream`.
    asked: dict[str, Any] = {"input": line.text, "response_format": "wav", "stream": True}
    asked |= {"stream_format": "audio", "seed": line.seed, "max_new_tokens": patches}
    recording = line.voice.continued or line.voice.reference
    if recording is not None:
        asked["ref_audio"] = f"data:audio/wav;base64,{_base64(recording)}"
    if line.voice.transcript is not None:
        asked["ref_text"] = line.voice.transcript
    if model:
        asked["model"] = model
    return asked


def _nanovllm(line: Line, patches: int) -> dict[str, Any]:
    asked: dict[str, Any] = {"target_text": line.text, "response_format": "pcm", "seed": line.seed}
    asked |= {"cfg_value": line.cfg_value, "max_generate_length": patches}
    voice = line.voice
    if voice.reference is not None:
        asked |= {"ref_audio_wav_base64": _base64(voice.reference), "ref_audio_wav_format": "wav"}
    if voice.continued is not None:
        asked |= {"prompt_wav_base64": _base64(voice.continued), "prompt_wav_format": "wav"}
        asked["prompt_text"] = voice.transcript
    return asked


def refusal(status: int, headers: Mapping[str, str], content: bytes, text: str) -> Refusal:
    """What an answer other than 200 says; `text` is what we asked to be spoken and is not repeated."""
    reason = " ".join(_reason(content).split())
    reason = reason.replace(text, "…") if text else reason
    after = headers.get("retry-after", "")
    return Refusal(status, reason[:300], float(after) if after.isdecimal() else None)


def _reason(content: bytes) -> str:
    try:
        answer = json.loads(content)
    except ValueError:
        return ""
    if not isinstance(answer, dict):
        return ""
    found = answer.get("error", answer)
    if isinstance(found, dict):
        found = found.get("message", found.get("detail", ""))
    if isinstance(found, list):
        found = "; ".join(_invalid_field(item) for item in found)
    return found if isinstance(found, str) else ""


def _invalid_field(item: object) -> str:
    """One entry of FastAPI's list of invalid fields, without the input it quotes."""
    if not isinstance(item, dict):
        return ""
    place = ".".join(str(part) for part in item.get("loc", ()))
    return f"{place}: {item.get('msg', '')}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
