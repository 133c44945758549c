"""Stand-ins for the two VoxCPM2 servers: real HTTP on the loopback address, as strict as the originals.

They check every request by the originals' own rules, refuse what those refuse with the same bodies, and
speak a tone whose pitch follows from all that would shape the voice. `interfere` replaces the answer.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Literal
from zlib import crc32

import numpy as np
import soundfile
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.backends.voxcpm_wire import Dialect

RATE = 48_000
KEY = "a-long-key"


class OpenAISpeech(BaseModel):
    """The fields of vLLM-Omni's request that VoxCPM2 heeds. It ignores unknown ones; we must not send any."""

    model_config = ConfigDict(extra="forbid", strict=True)

    input: str
    model: str | None = None
    response_format: Literal["wav", "pcm", "flac", "mp3", "opus"] = "wav"
    stream: bool = False
    stream_format: Literal["sse", "audio"] | None = None
    ref_audio: str | None = None
    ref_text: str | None = None
    max_new_tokens: int | None = Field(None, ge=1, le=4096)
    seed: int | None = Field(None, ge=-(2**63), le=2**63 - 1)


class NanoGenerate(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    target_text: str
    prompt_wav_base64: str | None = None
    prompt_wav_format: str | None = None
    prompt_text: str | None = None
    ref_audio_wav_base64: str | None = None
    ref_audio_wav_format: str | None = None
    max_generate_length: int = Field(2000, ge=1)
    cfg_value: float = Field(1.5, ge=0.0)
    seed: int | None = None
    response_format: Literal["mp3", "pcm"] = "mp3"


@dataclass
class SpeechServer:
    """`asked` are the bodies of the requests that were well formed, `headers` those of all requests."""

    port: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    interfere: Callable[[Conversation], None] | None = None
    connections: int = 0
    ready: bool = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Conversation(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    place: SpeechServer

    def setup(self) -> None:
        super().setup()
        self.place.connections += 1

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path in ("/health", "/ready"):
            if self.place.ready:
                self.answer(200, b'{"status":"ok"}')
            else:
                self.answer(503, b'{"detail":"not ready"}')
        else:
            self.answer(404, b'{"detail":"Not Found"}')

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        self.place.headers.append({name.lower(): value for name, value in self.headers.items()})
        if self.path not in ("/v1/audio/speech", "/generate"):
            self.answer(404, b'{"detail":"Not Found"}')
        elif self.headers.get("authorization") not in (None, f"Bearer {KEY}"):
            self.answer(401, b'{"error":"Unauthorized"}')
        elif self.path == "/generate":
            self._nano(content)
        else:
            self._openai(content)

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        for name, value in {"content_type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def begin(self, **headers: str) -> None:
        """An answer in chunks of unknown number."""
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def chunk(self, body: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(body), body))

    def end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def hang_up(self) -> None:
        self.close_connection = True

    def _openai(self, content: bytes) -> None:
        try:
            asked = OpenAISpeech.model_validate_json(content)
            problem = _openai_problem(asked)
        except ValidationError as error:
            problem = str(error)
        if problem:
            refusal = {"message": problem, "type": "BadRequestError", "param": None, "code": 400}
            self.answer(400, json.dumps({"error": refusal}).encode())
            return
        self.place.asked.append(asked.model_dump(exclude_unset=True))
        if self.place.interfere is not None:
            self.place.interfere(self)
            return
        self.begin(content_type="audio/wav")
        self.chunk(wav_header())
        for part in tone(asked.input, asked.seed, asked.ref_audio, asked.ref_text):
            self.chunk(part)
        self.end()

    def _nano(self, content: bytes) -> None:
        try:
            asked = NanoGenerate.model_validate_json(content)
        except ValidationError as error:
            self.answer(422, json.dumps({"detail": json.loads(error.json(include_url=False))}).encode())
            return
        if problem := _nano_problem(asked):
            self.answer(400, json.dumps({"detail": problem}).encode())
            return
        self.place.asked.append(asked.model_dump(exclude_unset=True))
        if self.place.interfere is not None:
            self.place.interfere(self)
            return
        self.begin(
            content_type=f"audio/L16;rate={RATE};channels=1",
            x_audio_sample_rate=str(RATE),
            x_audio_channels="1",
            x_audio_encoding="s16le",
        )
        voice = (asked.ref_audio_wav_base64, asked.prompt_wav_base64, asked.prompt_text)
        for part in tone(asked.target_text, asked.seed, asked.cfg_value, *voice):
            self.chunk(part)
        self.end()


def _openai_problem(asked: OpenAISpeech) -> str | None:
    if not asked.input.strip():
        return "Input text cannot be empty"
    if (asked.stream or asked.stream_format) and asked.response_format not in ("pcm", "wav"):
        return "Streaming requires response_format='pcm' or 'wav'."
    if asked.stream and asked.stream_format != "audio":
        return "this client does not read server-sent events"
    if asked.ref_text is not None and asked.ref_audio is None:
        return "'ref_text' without 'ref_audio'"
    if asked.ref_audio is None:
        return None
    scheme, _, encoded = asked.ref_audio.partition(",")
    if not (scheme.startswith("data:audio/") and scheme.endswith(";base64")):
        return "ref_audio must be a URL (http/https), base64 data URL (data:...), or file URI (file://...)"
    return _clip_problem(encoded, 30.0)


def _nano_problem(asked: NanoGenerate) -> str | None:
    if asked.response_format != "pcm":
        return "this client asks for pcm"
    if (asked.prompt_wav_base64 is None) != (asked.prompt_wav_format is None):
        return "wav prompt requires prompt_wav_base64 + prompt_wav_format"
    if asked.prompt_wav_base64 is not None and not asked.prompt_text:
        return "wav prompt requires non-empty prompt_text"
    if asked.prompt_wav_base64 is None and asked.prompt_text not in (None, ""):
        return "prompt_text is not allowed for zero-shot"
    if (asked.ref_audio_wav_base64 is None) != (asked.ref_audio_wav_format is None):
        return "reference wav requires ref_audio_wav_base64 + ref_audio_wav_format"
    clips = [clip for clip in (asked.ref_audio_wav_base64, asked.prompt_wav_base64) if clip]
    places = asked.max_generate_length + sum(len(clip) * 3 // 4 // 5120 for clip in clips)
    if places + len(asked.target_text + (asked.prompt_text or "")) > 4096:
        return f"Request may exceed max_model_len: {places} > max_model_len(4096)."
    return next(filter(None, (_clip_problem(clip, 60.0) for clip in clips)), None)


def _clip_problem(encoded: str, most: float) -> str | None:
    try:
        info = soundfile.info(io.BytesIO(base64.b64decode(encoded, validate=True)))
    except (binascii.Error, soundfile.LibsndfileError) as error:
        return f"Invalid audio: {error}"
    if not 1.0 <= info.duration <= most:
        return f"Reference audio too short or too long ({info.duration:.1f}s)."
    return None


def wav_header(size: int = 0xFFFFFFFF) -> bytes:
    """vLLM-Omni's: it does not know the size yet."""
    sizes = struct.pack("<4sI4s4sIHH", b"RIFF", size, b"WAVE", b"fmt ", 16, 1, 1)
    return sizes + struct.pack("<IIHH4sI", RATE, 2 * RATE, 2, 16, b"data", size)


def tone(text: str, *voice: object) -> Iterator[bytes]:
    """0.05 seconds a character, in pieces of an odd size, as networks deliver them."""
    time = np.arange(round(0.05 * RATE * len(text))) / RATE
    pitch = 100 + crc32(repr((text, voice)).encode()) % 300
    samples = (0.3 * np.sin(2 * np.pi * pitch * time) * 32767).astype("<i2").tobytes()
    for at in range(0, len(samples), 7681):
        yield samples[at : at + 7681]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what some tests are about."""


@contextmanager
def serving() -> Iterator[SpeechServer]:
    place = SpeechServer()
    handler = type("Handler", (Conversation,), {"place": place})
    server = _Server(("127.0.0.1", 0), handler)
    place.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def begin_audio(talk: Conversation, dialect: Dialect) -> None:
    """The head of a good answer."""
    if dialect is Dialect.OPENAI:
        talk.begin(content_type="audio/wav")
        talk.chunk(wav_header())
    else:
        rate = {"x_audio_sample_rate": str(RATE), "x_audio_channels": "1", "x_audio_encoding": "s16le"}
        talk.begin(content_type=f"audio/L16;rate={RATE};channels=1", **rate)
