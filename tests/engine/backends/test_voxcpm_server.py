from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from engine.backends.made_voices import SENTENCE, MadeVoices
from engine.backends.voxcpm_prompt import Transcripts
from engine.backends.voxcpm_server import VoxCPMServer
from engine.backends.voxcpm_wire import Dialect
from engine.errors import AudioDefective, BackendUnavailable, Cancelled, EngineError
from engine.values import SpeechRequest
from tests.engine.backends.conftest import Connect, recording
from tests.engine.backends.speech_servers import (
    KEY,
    RATE,
    Conversation,
    SpeechServer,
    begin_audio,
    tone,
)

HELLO = SpeechRequest(text="(cheerful) Good morning, everyone!", description="an old man", seed=7)
CLONE = SpeechRequest(text="Good morning, everyone!", reference=recording(), seed=7)
LONG = SpeechRequest(text="This sentence takes its time to tell what others say at once. " * 6, seed=7)


def spoken(dialect: Dialect, asked: dict[str, str]) -> str:
    return asked["input" if dialect is Dialect.OPENAI else "target_text"]


def error_of(backend: VoxCPMServer, request: SpeechRequest = HELLO) -> EngineError:
    with pytest.raises(EngineError) as caught:
        backend.speak(request)
    return caught.value


class TestSpeaking:
    def test_a_designed_voice(self, server: SpeechServer, backend: VoxCPMServer, dialect: Dialect) -> None:
        heard = backend.speak(HELLO)
        (asked,) = server.asked
        assert spoken(dialect, asked) == "(an old man, cheerful)Good morning, everyone!"
        assert asked["seed"] == heard.seed == 7
        expected = np.frombuffer(b"".join(_tone_of(dialect, asked)), "<i2") / 32768
        np.testing.assert_allclose(heard.samples, expected, atol=1e-6)
        assert (heard.sample_rate, heard.samples.dtype.str, heard.warnings) == (RATE, "<f4", ())

    def test_a_clone(self, server: SpeechServer, backend: VoxCPMServer, dialect: Dialect) -> None:
        backend.speak(CLONE)
        (asked,) = server.asked
        if dialect is Dialect.OPENAI:
            assert asked["ref_audio"].startswith("data:audio/wav;base64,UklGR")
            assert "ref_text" not in asked
        else:
            assert base64.b64decode(asked["ref_audio_wav_base64"]).startswith(b"RIFF")
            assert "prompt_text" not in asked

    def test_a_clone_with_transcript(
        self, server: SpeechServer, backend: VoxCPMServer, dialect: Dialect
    ) -> None:
        backend.speak(replace(CLONE, reference_text="What I say."))
        (asked,) = server.asked
        assert asked["ref_text" if dialect is Dialect.OPENAI else "prompt_text"] == "What I say."
        if dialect is Dialect.NANOVLLM:
            assert asked["prompt_wav_base64"] == asked["ref_audio_wav_base64"]

    def test_going_on_from_the_recording_only(self, server: SpeechServer, connect: Connect) -> None:
        backend = connect(server.url, dialect=Dialect.NANOVLLM, transcripts=Transcripts.CONTINUE)
        backend.speak(replace(CLONE, reference_text="What I say."))
        assert "ref_audio_wav_base64" not in server.asked[0]
        assert server.asked[0]["prompt_text"] == "What I say."

    def test_the_first_piece_is_the_voice_of_the_others(
        self, server: SpeechServer, backend: VoxCPMServer, dialect: Dialect
    ) -> None:
        heard = backend.speak(replace(LONG, description="an old man"))
        voices = [asked.get("ref_audio") or asked.get("ref_audio_wav_base64") for asked in server.asked]
        assert voices[0] is None
        assert len(voices) == len(heard.pieces) == 2
        assert voices[1] is not None
        assert spoken(dialect, server.asked[0]).startswith("(an old man)This")
        assert spoken(dialect, server.asked[1]).startswith("This")
        first, second = heard.pieces
        assert second.start - first.end == RATE // 4
        assert not heard.samples[first.end : second.start].any()

    def test_everybody_described_is_heard_once_and_kept(
        self, server: SpeechServer, connect: Connect, tmp_path: Path
    ) -> None:
        text = "Once there was a king. (an old woman) Come in! (sad) It rains."
        for _ in range(2):
            connect(server.url, made=MadeVoices(tmp_path)).speak(replace(HELLO, text=text))
        said = [asked["input"] for asked in server.asked]
        turns = ["Once there was a king.", "(an old woman)Come in!", "(sad)It rains."]
        auditions = [f"(an old man){SENTENCE}", f"(an old man, an old woman){SENTENCE}"]
        assert said == [auditions[0], turns[0], auditions[1], *turns[1:], *turns]
        king, woman, sad = (asked["ref_audio"] for asked in server.asked[-3:])
        assert king != woman == sad
        assert [asked["ref_audio"] for asked in server.asked if "ref_audio" in asked] == [
            king,
            woman,
            sad,
        ] * 2

    def test_the_recording_of_a_clone_stays_the_voice(
        self, server: SpeechServer, backend: VoxCPMServer
    ) -> None:
        backend.speak(replace(LONG, reference=recording()))
        voices = {asked.get("ref_audio") or asked.get("ref_audio_wav_base64") for asked in server.asked}
        assert len(server.asked) == 2
        assert len(voices) == 1

    def test_what_the_server_sets_itself_is_told(self, backend: VoxCPMServer, dialect: Dialect) -> None:
        heard = backend.speak(replace(CLONE, cfg_value=3.0, inference_timesteps=20))
        left_out = [warning.split()[0] for warning in heard.warnings]
        fixed = ["cfg_value"] if dialect is Dialect.OPENAI else []
        assert left_out == [*fixed, "inference_timesteps"]

    def test_cfg_value_reaches_the_server_that_takes_it(self, server: SpeechServer, connect: Connect) -> None:
        backend = connect(server.url, dialect=Dialect.NANOVLLM)
        backend.speak(replace(CLONE, cfg_value=3.5))
        assert server.asked[0]["cfg_value"] == 3.5

    def test_key_and_model_are_sent(self, server: SpeechServer, connect: Connect) -> None:
        backend = connect(f"{server.url}/v1/", key=KEY, model="my-voxcpm")
        backend.speak(HELLO)
        assert server.headers[0]["authorization"] == f"Bearer {KEY}"
        assert server.asked[0]["model"] == "my-voxcpm"

    def test_eight_at_once_get_their_own_words(self, backend: VoxCPMServer) -> None:
        requests = [replace(HELLO, text=f"This is number {number} of eight.") for number in range(8)]
        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(backend.speak, requests))
        for request, heard in zip(requests, together, strict=True):
            np.testing.assert_array_equal(heard.samples, backend.speak(request).samples)

    def test_progress_rises_piece_by_piece(self, backend: VoxCPMServer) -> None:
        shares: list[float] = []
        backend.speak(LONG, progress=shares.append)
        assert len(shares) == 2
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


class TestBadAudio:
    def test_what_runs_on_is_stopped_and_tried_again(
        self, server: SpeechServer, backend: VoxCPMServer, dialect: Dialect
    ) -> None:
        def run_on(talk: Conversation) -> None:
            begin_audio(talk, dialect)
            try:
                for _ in range(400):
                    talk.chunk(b"\1\2" * (RATE // 2))
            except OSError:
                talk.hang_up()

        server.interfere = run_on
        error = error_of(backend)
        assert isinstance(error, AudioDefective)
        assert "runs on" in str(error)
        assert [asked["seed"] for asked in server.asked] == [7, 8, 9]
        limit = "max_new_tokens" if dialect is Dialect.OPENAI else "max_generate_length"
        assert 20 < server.asked[0][limit] < 100

    @pytest.mark.parametrize(
        ("content", "flaw"), [(b"", "broken"), (b"\0\0" * 96_000, "silent"), (b"\1\2" * 500, "ends")]
    )
    def test_other_flaws_are_named(
        self, server: SpeechServer, backend: VoxCPMServer, dialect: Dialect, content: bytes, flaw: str
    ) -> None:
        def flawed(talk: Conversation) -> None:
            begin_audio(talk, dialect)
            if content:
                talk.chunk(content)
            talk.end()

        server.interfere = flawed
        error = error_of(backend)
        assert isinstance(error, AudioDefective)
        assert flaw in str(error)
        assert len(server.asked) == 3

    def test_one_good_try_is_enough(
        self, server: SpeechServer, backend: VoxCPMServer, dialect: Dialect
    ) -> None:
        def silent_once(talk: Conversation) -> None:
            server.interfere = None
            begin_audio(talk, dialect)
            talk.chunk(b"\0\0" * 96_000)
            talk.end()

        expected = backend.speak(replace(HELLO, seed=8)).samples
        server.interfere = silent_once
        heard = backend.speak(HELLO)
        np.testing.assert_array_equal(heard.samples, expected)
        assert heard.seed == 7


def test_cancelling_hangs_up(server: SpeechServer, backend: VoxCPMServer, dialect: Dialect) -> None:
    gone = Event()

    def slow(talk: Conversation) -> None:
        begin_audio(talk, dialect)
        try:
            for _ in range(200):
                talk.chunk(b"\1\2" * (RATE // 50))
                time.sleep(0.02)
        except OSError:
            gone.set()
            talk.hang_up()

    server.interfere = slow
    began = time.monotonic()
    with pytest.raises(Cancelled):
        backend.speak(HELLO, cancelled=lambda: time.monotonic() > began + 0.3)
    assert gone.wait(5)


def test_ready_or_not(server: SpeechServer, backend: VoxCPMServer, connect: Connect) -> None:
    backend.warm_up()
    server.ready = False
    with pytest.raises(BackendUnavailable, match="busy"):
        backend.warm_up()
    with pytest.raises(BackendUnavailable, match="cannot be reached"):
        connect("http://127.0.0.1:1").warm_up()


def _tone_of(dialect: Dialect, asked: dict[str, str]) -> Iterator[bytes]:
    if dialect is Dialect.OPENAI:
        return tone(asked["input"], asked["seed"], None, None)
    return tone(asked["target_text"], asked["seed"], asked["cfg_value"], None, None, None)
