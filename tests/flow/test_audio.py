"""Finished audio: every format decodes, lasts as long as said, and is neither silent nor clipped."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import requests
import soundfile

from tests.flow.api_account import ApiAccount
from tests.flow.recordings import loudest, samples, seconds_of
from tests.flow.running_hub import RunningHub

TEXT = "Come in, please."
FORMATS = {
    "wav": ("audio/wav", "WAV", "PCM_16"),
    "mp3": ("audio/mpeg", "MP3", "MPEG_LAYER_III"),
    "flac": ("audio/flac", "FLAC", "PCM_16"),
    "opus": ("audio/ogg", "OGG", "OPUS"),
}


@pytest.fixture(scope="module")
def caller(hub_server: RunningHub) -> ApiAccount:
    return hub_server.new_account(plan="paid", credits=1000)


@pytest.fixture(scope="module")
def finals(caller: ApiAccount) -> dict[str, dict[str, Any]]:
    """The final status of the same text in every format."""
    jobs = {name: caller.generate(TEXT, language="en", format=name)["id"] for name in FORMATS}
    return {name: caller.completed(job) for name, job in jobs.items()}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_decodes_and_lasts_as_long_as_said(finals: dict[str, dict[str, Any]], name: str) -> None:
    final = finals[name]
    media_type, container, subtype = FORMATS[name]
    answer = requests.get(final["output_url"], timeout=30)
    assert answer.headers["Content-Type"].split(";")[0] == media_type
    with soundfile.SoundFile(io.BytesIO(answer.content)) as file:
        assert (file.format, file.subtype) == (container, subtype)
    assert final["format"] == name
    assert abs(seconds_of(answer.content) - final["duration_seconds"]) < 0.1
    assert 0.05 < loudest(answer.content) <= 1.0


def test_formats_hold_the_same_speech(caller: ApiAccount, finals: dict[str, dict[str, Any]]) -> None:
    durations = [final["duration_seconds"] for final in finals.values()]
    assert max(durations) - min(durations) < 0.1
    wav, _ = samples(caller.audio(finals["wav"]))
    flac, _ = samples(caller.audio(finals["flac"]))
    assert np.abs(wav - flac).max() < 2 / 32768


def test_edges_are_quiet(caller: ApiAccount, finals: dict[str, dict[str, Any]]) -> None:
    data, rate = samples(caller.audio(finals["wav"]))
    edge = rate // 200
    assert np.abs(data[:edge]).max() < 0.02
    assert np.abs(data[-edge:]).max() < 0.02


def test_the_same_seed_gives_the_same_bytes(caller: ApiAccount) -> None:
    voice = "an old man with a deep voice"
    jobs = [caller.generate(TEXT, language="en", voice_description=voice, seed="7")["id"] for _ in range(2)]
    first, second = (caller.completed(job) for job in jobs)
    assert first["seed"] == second["seed"] == 7
    assert caller.audio(first) == caller.audio(second)


def test_different_descriptions_give_different_voices(caller: ApiAccount) -> None:
    man = caller.speak(TEXT, language="en", voice_description="a very old man with a deep, slow voice")
    girl = caller.speak(TEXT, language="en", voice_description="a young girl, fast and bright")
    assert man != girl
    assert seconds_of(man) > seconds_of(girl)
