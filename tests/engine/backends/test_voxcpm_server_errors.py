from __future__ import annotations

import json
import socket
import time
from threading import Event

import pytest

from engine.backends.voxcpm_server import VoxCPMServer
from engine.backends.voxcpm_wire import Dialect
from engine.errors import BackendRefused, BackendUnavailable, EngineError
from engine.values import SpeechRequest
from tests.engine.backends.conftest import Connect, recording
from tests.engine.backends.speech_servers import (
    RATE,
    Conversation,
    SpeechServer,
    begin_audio,
    tone,
    wav_header,
)

HELLO = SpeechRequest(text="(cheerful) Good morning, everyone!", description="an old man", seed=7)
CLONE = SpeechRequest(text="Good morning, everyone!", reference=recording(), seed=7)
LONG = SpeechRequest(text="This sentence takes its time to tell what others say at once. " * 6, seed=7)


def error_of(backend: VoxCPMServer, request: SpeechRequest = HELLO) -> EngineError:
    with pytest.raises(EngineError) as caught:
        backend.speak(request)
    return caught.value


def test_nobody_listens(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = error_of(connect(f"http://127.0.0.1:{port}"))
    assert isinstance(error, BackendUnavailable)
    assert error.retryable
    assert f"127.0.0.1:{port} cannot be reached" in str(error)
    assert "SAYHOOK_VOXCPM_SERVER_URL" in str(error)


@pytest.mark.parametrize("status", [429, 503])
def test_busy_is_tried_again_by_the_queue(server: SpeechServer, backend: VoxCPMServer, status: int) -> None:
    server.interfere = lambda talk: talk.answer(
        status, b'{"detail":"Model server not ready"}', retry_after="12"
    )
    error = error_of(backend)
    assert isinstance(error, BackendUnavailable)
    assert (error.retryable, error.retry_after) == (True, 12.0)
    assert str(error).endswith(f"is busy ({status}): Model server not ready")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "retryable", "said"),
    [
        (
            400,
            {"error": {"message": "Reference audio too short", "code": 400}},
            False,
            "Reference audio too short",
        ),
        (400, {"object": "error", "message": "bad ref", "code": 400}, False, "bad ref"),
        (
            400,
            {"error": {"message": "Speech generation failed: CUDA error", "code": 400}},
            True,
            "CUDA error",
        ),
        (400, {"detail": "Request may exceed max_model_len"}, False, "max_model_len"),
        (
            422,
            {"detail": [{"loc": ["body", "seed"], "msg": "no integer", "input": "x"}]},
            False,
            "body.seed: no integer",
        ),
        (
            404,
            {"error": {"message": "The model `x` does not exist.", "code": 404}},
            False,
            "does not exist",
        ),
        (500, {"error": {"message": "EngineCore died"}}, True, "EngineCore died"),
        (500, None, True, "failed (500)"),
        (502, ["strange"], True, "failed (502)"),
        (307, {}, False, "answered 307"),
    ],
)
def test_the_servers_own_reason_is_passed_on(
    server: SpeechServer,
    backend: VoxCPMServer,
    status: int,
    body: object,
    retryable: bool,
    said: str,
) -> None:
    content = b"<html>oops" if body is None else json.dumps(body).encode()
    server.interfere = lambda talk: talk.answer(status, content, location="/elsewhere")
    error = error_of(backend)
    assert isinstance(error, BackendUnavailable if retryable else BackendRefused)
    assert error.retryable is retryable
    assert said in str(error)
    assert len(server.asked) == 1


def test_a_wrong_key(server: SpeechServer, connect: Connect) -> None:
    error = error_of(connect(server.url, key="wrong"))
    assert isinstance(error, BackendRefused)
    assert "SAYHOOK_VOXCPM_SERVER_KEY" in str(error)
    assert "wrong" not in str(error)


def test_what_was_to_be_spoken_is_not_repeated(server: SpeechServer, backend: VoxCPMServer) -> None:
    said = "(an old man, cheerful)Good morning, everyone!"
    body = json.dumps({"detail": f"cannot say {said!r}"}).encode()
    server.interfere = lambda talk: talk.answer(400, body)
    assert "everyone" not in str(error_of(backend))


def test_endless_error_bodies_are_not_read_to_the_end(server: SpeechServer, backend: VoxCPMServer) -> None:
    server.interfere = lambda talk: talk.answer(500, b"x" * 5_000_000)
    assert "failed (500)" in str(error_of(backend))


def test_cut_off_in_the_middle(server: SpeechServer, backend: VoxCPMServer, dialect: Dialect) -> None:
    def cut(talk: Conversation) -> None:
        begin_audio(talk, dialect)
        talk.chunk(b"\1\2" * RATE)
        talk.hang_up()

    server.interfere = cut
    error = error_of(backend)
    assert isinstance(error, BackendUnavailable)
    assert "broke off" in str(error)


def test_less_audio_than_the_header_announces(server: SpeechServer, connect: Connect) -> None:
    body = wav_header(size=200_000) + b"\1\2" * 50_000
    server.interfere = lambda talk: talk.answer(200, body, content_type="audio/wav")
    error = error_of(connect(server.url))
    assert isinstance(error, BackendUnavailable)
    assert "broke off" in str(error)


def test_whole_wav_answers_are_read_too(server: SpeechServer, connect: Connect) -> None:
    samples = b"".join(tone("x" * 40))
    body = wav_header(size=len(samples)) + samples
    server.interfere = lambda talk: talk.answer(200, body, content_type="audio/x-wav")
    assert len(connect(server.url).speak(HELLO).samples) == len(samples) // 2


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>Welcome"),
        ("text/event-stream", b"data: {}"),
        ("audio/wav", b"not audio"),
        ("audio/mpeg", b"\xff\xfb"),
    ],
)
def test_something_else_than_audio(
    server: SpeechServer, backend: VoxCPMServer, kind: str, body: bytes
) -> None:
    server.interfere = lambda talk: talk.answer(200, body, content_type=kind)
    error = error_of(backend)
    assert isinstance(error, BackendRefused)
    assert "something else than audio" in str(error)


def test_silence_on_the_line(server: SpeechServer, dialect: Dialect, connect: Connect) -> None:
    done = Event()

    def think(talk: Conversation) -> None:
        done.wait(10)
        talk.hang_up()

    server.interfere = think
    error = error_of(connect(server.url, dialect=dialect, patience=0.3))
    done.set()
    assert isinstance(error, BackendUnavailable)
    assert "sent nothing for 0.3 seconds" in str(error)
    assert len(server.asked) == 1


def test_slow_audio_is_waited_for(server: SpeechServer, dialect: Dialect, connect: Connect) -> None:
    def slow(talk: Conversation) -> None:
        begin_audio(talk, dialect)
        for _ in range(6):
            talk.chunk(b"\1\2" * (RATE // 4))
            time.sleep(0.25)
        talk.end()

    server.interfere = slow
    heard = connect(server.url, dialect=dialect, patience=1.0).speak(HELLO)
    assert len(heard.samples) == 6 * RATE // 4


def test_an_address_that_is_none(connect: Connect) -> None:
    assert "cannot be reached" in str(error_of(connect("gpu-box:8091")))
