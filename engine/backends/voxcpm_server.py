"""VoxCPM2 on another machine, behind vLLM-Omni or nano-vllm-voxcpm.

Only connecting is tried again here: once a server has taken a request, another try costs it a whole
generation, and the queue decides about that.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import httpx

from engine.backends.audio_stream import AudioStream, Encoding, UnreadableStream
from engine.backends.made_voices import MadeVoices
from engine.backends.narration import Chunk, Chunks, Heard, Recording, record
from engine.backends.relay import relayed
from engine.backends.voxcpm_prompt import LANGUAGES, Line, Prompt, Transcripts, prompt_of, unserved
from engine.backends.voxcpm_wire import Dialect, Refusal, body, refusal
from engine.errors import BackendRefused, BackendUnavailable
from engine.values import Cancelled, Progress, SpeechRequest

CONNECT_SECONDS = 5.0
CONNECT_RETRIES = 2
_MOST_ERROR_BYTES = 65_536
_NOT_THERE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


class VoxCPMServer:
    """Speaks whole requests through the server at `url`; may be shared between threads.

    `key` goes into the Authorization header. `patience` is how many seconds the server may stay silent
    before and between pieces of audio. `made` keeps the voices that are only described.
    """

    name = "voxcpm-server"
    languages = LANGUAGES

    def __init__(
        self,
        url: str,
        *,
        dialect: Dialect = Dialect.OPENAI,
        key: str = "",
        model: str = "",
        transcripts: Transcripts = Transcripts.BOTH,
        made: MadeVoices | None = None,
        patience: float = 60.0,
    ) -> None:
        self._url = url.rstrip("/").removesuffix("/v1")
        self._dialect = dialect
        self._model = model
        self._transcripts = transcripts
        self._made = made
        self._patience = patience
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(patience, connect=CONNECT_SECONDS),
            transport=httpx.HTTPTransport(retries=CONNECT_RETRIES),
        )

    def speak(
        self,
        request: SpeechRequest,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        heard: Heard | None = None,
    ) -> Recording:
        """The whole request at the server's rate. Raises `EngineError`s only."""
        return record(self._prompt(request), self._render, progress, cancelled, heard, self._made)

    def unserved(self, request: SpeechRequest) -> list[str]:
        return unserved(request, self._dialect.fixed)

    def warm_up(self) -> None:
        """Raises `BackendUnavailable` unless the server says it is ready."""
        try:
            answer = self._client.get(self._url + self._dialect.ready_path)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise self._away(error) from error
        if answer.status_code != 200:
            raise self._error(refusal(answer.status_code, answer.headers, answer.content, ""))

    def close(self) -> None:
        self._client.close()

    def _prompt(self, request: SpeechRequest) -> Prompt:
        prompt = prompt_of(request, self._transcripts)
        changed = [name for name, usual in self._dialect.fixed.items() if getattr(request, name) != usual]
        return prompt.warned(*(f"{name} was left out: this VoxCPM2 server sets its own" for name in changed))

    def _render(self, line: Line, cancelled: Cancelled | None) -> Chunks:
        return relayed(_on_new_thread, lambda: self._chunks(line), cancelled)

    def _chunks(self, line: Line) -> Chunks:
        asked = body(self._dialect, line, self._model)
        try:
            with self._client.stream("POST", self._url + self._dialect.speech_path, json=asked) as answer:
                if answer.status_code != 200:
                    raise self._error(_refused(answer, line))
                yield from self._decoded(answer)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise self._away(error) from error

    def _decoded(self, answer: httpx.Response) -> Chunks:
        try:
            audio = AudioStream(_announced(answer))
            for content in answer.iter_bytes():
                samples = audio.feed(content)
                if len(samples) and audio.encoding:
                    yield Chunk(samples, audio.encoding.sample_rate)
        except UnreadableStream as error:
            raise BackendRefused(
                f"The VoxCPM2 server at {self._url} answered with something else than audio ({error}): check "
                "SAYHOOK_VOXCPM_SERVER_URL and SAYHOOK_VOXCPM_SERVER_API."
            ) from error
        if not audio.is_whole:
            raise BackendUnavailable(f"The VoxCPM2 server at {self._url} broke off in the middle.")

    def _error(self, said: Refusal) -> BackendRefused | BackendUnavailable:
        reason = f": {said.reason}" if said.reason else ""
        server = f"The VoxCPM2 server at {self._url}"
        if said.status in (429, 503):
            return BackendUnavailable(f"{server} is busy ({said.status}){reason}", said.retry_after)
        if said.is_temporary:
            return BackendUnavailable(f"{server} failed ({said.status}){reason}", said.retry_after)
        if said.status in (401, 403):
            return BackendRefused(f"{server} refused our key{reason}. Set SAYHOOK_VOXCPM_SERVER_KEY.")
        if said.status in (400, 413, 422):
            return BackendRefused(f"{server} refused the request{reason}")
        return BackendRefused(
            f"{server} answered {said.status}{reason}. Check SAYHOOK_VOXCPM_SERVER_URL, _API and _MODEL."
        )

    def _away(self, error: Exception) -> BackendUnavailable:
        server = f"The VoxCPM2 server at {self._url}"
        if isinstance(
            error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
        ):
            return BackendUnavailable(
                f"{server} cannot be reached ({error}): start it or check SAYHOOK_VOXCPM_SERVER_URL."
            )
        if isinstance(error, httpx.TimeoutException):
            return BackendUnavailable(f"{server} sent nothing for {self._patience:g} seconds.")
        return BackendUnavailable(f"{server} broke off ({error}).")


def _announced(answer: httpx.Response) -> Encoding | None:
    """How bare samples are written, by the headers; None where the audio itself tells."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"):
        return None
    rate = answer.headers.get("x-audio-sample-rate", "")
    encoding = answer.headers.get("x-audio-encoding", "s16le")
    if kind == "audio/l16" and encoding == "s16le" and rate.isdecimal():
        return Encoding(int(rate), int(answer.headers.get("x-audio-channels", "1")))
    raise UnreadableStream(f"its content type is {kind or 'missing'}")


def _refused(answer: httpx.Response, line: Line) -> Refusal:
    content = b""
    for part in answer.iter_bytes():
        content += part
        if len(content) > _MOST_ERROR_BYTES:
            break
    return refusal(answer.status_code, answer.headers, content, line.text)


def _on_new_thread(work: Callable[[], None]) -> None:
    Thread(target=work, name="voxcpm-server", daemon=True).start()
