"""What a listener hears while a text is being spoken is what the file holds afterwards."""

from __future__ import annotations

import io
from collections.abc import Iterator
from threading import Event

import av
import numpy as np
import pytest
import soundfile

from engine.audio.live import LIVE_RATE, LiveEncoder, LiveFormat, Samples, as_pcm, resampled
from engine.audio.loudness import TARGET_LUFS, loudness
from engine.backends.voxcpm_server import VoxCPMServer
from engine.narrator import Narrator, SpeechEngine
from engine.speaker import Engine
from engine.values import AudioFormat, Speech, SpeechRequest
from tests.engine.backends.speech_servers import Conversation, serving, tone, wav_header

TEXT = "[pause 300ms] I will tell you a story of the sea. [pause 1s] (whispering) Nobody knows. [pause 400ms]"


@pytest.fixture(params=["embedded", "server"])
def spoken_by(request: pytest.FixtureRequest, engine: Engine) -> Iterator[SpeechEngine]:
    if request.param == "embedded":
        yield engine
        return
    with serving() as server:
        backend = VoxCPMServer(server.url)
        yield Narrator(backend)
        backend.close()


def test_stretches_add_up_to_the_file(spoken_by: SpeechEngine) -> None:
    heard: list[Samples] = []
    asked = SpeechRequest(text=TEXT, language="en", format=AudioFormat.FLAC)
    speech = spoken_by.speak(asked, listener=heard.append)
    live, stored = np.concatenate(heard), samples_of(speech)
    assert len(heard) >= 2
    assert len(heard[1]) < 0.8 * len(live)
    assert abs(len(live) - len(stored)) <= len(heard)
    # Both may be turned up or down as a whole, and the file's peaks are held down otherwise.
    common = slice(0, min(len(live), len(stored)))
    assert np.corrcoef(live[common], stored[common])[0, 1] > 0.98
    assert loudness(next(filter(np.any, heard)), LIVE_RATE) == pytest.approx(TARGET_LUFS, abs=1.0)


def test_a_piece_is_heard_while_the_server_still_makes_it() -> None:
    """The second half is held back until the listener has heard some of the first; a cut is not heard."""
    heard: list[Samples] = []
    begun = Event()

    def listener(samples: Samples) -> None:
        heard.append(samples)
        begun.set()

    def slowly(talk: Conversation) -> None:
        talk.begin(content_type="audio/wav")
        talk.chunk(wav_header())
        parts = list(tone("x" * 80))
        for number, part in enumerate(parts):
            if number == len(parts) // 2:
                assert begun.wait(20), "nobody heard anything of two seconds"
            talk.chunk(part)
        talk.end()

    with serving() as server:
        server.interfere = slowly
        backend = VoxCPMServer(server.url)
        speech = Narrator(backend).speak(
            SpeechRequest(text="Good morning to everybody who is here today.", language="en"),
            listener=listener,
        )
        backend.close()
    live, stored = np.concatenate(heard), samples_of(speech)
    assert len(heard) > 3
    assert abs(len(live) - len(stored)) <= len(heard)
    same = slice(LIVE_RATE // 10, len(live) - LIVE_RATE // 5)
    gain = np.abs(stored[same]).max() / np.abs(live[same]).max()
    assert np.abs(live[same] * gain - stored[same]).max() < 2e-3


def test_a_piece_that_went_wrong_is_gone_on_from_where_it_was_heard() -> None:
    heard: list[Samples] = []

    def broken_off(talk: Conversation) -> None:
        server.interfere = None
        talk.begin(content_type="audio/wav")
        talk.chunk(wav_header())
        talk.chunk(b"".join(tone("x" * 50)))
        talk.end()

    with serving() as server:
        server.interfere = broken_off
        backend = VoxCPMServer(server.url)
        text = (
            "This is a text that takes its speaker more than just a few seconds, said a man " + "or two " * 12
        )
        speech = Narrator(backend).speak(SpeechRequest(text=text, language="en"), listener=heard.append)
        backend.close()
    assert len(server.asked) == 2
    assert abs(sum(map(len, heard)) - len(samples_of(speech))) <= len(heard)


def samples_of(speech: Speech) -> Samples:
    samples, rate = soundfile.read(io.BytesIO(speech.audio), dtype="float32")
    return resampled(samples, rate)


def test_listening_changes_nothing(engine: Engine) -> None:
    asked = SpeechRequest(text="Good morning.", language="en", speed=1.4, instructions="calm")
    plain, heard = engine.speak(asked), engine.speak(asked, listener=lambda _: None)
    assert plain.audio == heard.audio


@pytest.mark.parametrize("format", list(LiveFormat))
def test_a_file_plays_from_its_first_bytes_on(format: LiveFormat) -> None:
    time = np.arange(4 * LIVE_RATE) / LIVE_RATE
    tone = (0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    encoder = LiveEncoder(format)
    first = encoder.feed(as_pcm(tone[: 2 * LIVE_RATE]))
    whole = first + encoder.feed(as_pcm(tone[2 * LIVE_RATE :])) + encoder.end()
    assert seconds(first, format) > 0.5
    assert seconds(whole, format) == pytest.approx(4.0, abs=0.12)
    assert LiveEncoder(format).end() is not None


def seconds(content: bytes, format: LiveFormat) -> float:
    if format is LiveFormat.PCM:
        return len(content) / 2 / LIVE_RATE
    with av.open(io.BytesIO(content), "r") as file:
        return sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
