"""Reference recordings as people really send them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.flow.api_account import ApiAccount
from tests.flow.recordings import encoded, hum, samples, seconds_of
from tests.flow.refusals import nothing_left, problem
from tests.flow.running_hub import RunningHub

GENERATE = "/v1/tts/generate"


@pytest.fixture(scope="module")
def caller(hub_server: RunningHub) -> ApiAccount:
    return hub_server.new_account(plan="paid", credits=1000)


def _refused(caller: ApiAccount, recording: bytes, detail: str) -> None:
    files = {"voice_ref": ("reference.wav", recording, "application/octet-stream")}
    with nothing_left(caller):
        problem(caller.post(GENERATE, data={"text": "Hello."}, files=files), 400, f"Reference audio {detail}")


def test_a_text_file_named_wav(caller: ApiAccount) -> None:
    _refused(caller, b"This is not sound.\n" * 20_000, "could not be read as WAV or MP3")


def test_an_empty_file(caller: ApiAccount) -> None:
    _refused(caller, b"", "could not be read as WAV or MP3")


def test_a_wav_of_three_seconds(caller: ApiAccount) -> None:
    _refused(caller, encoded(hum(3), 24_000), "must be at least 5 seconds")


def test_too_large_a_wav(caller: ApiAccount) -> None:
    _refused(caller, encoded(hum(60, 48_000), 48_000, subtype="FLOAT"), "must be under 10 MB")


def test_a_wav_of_8_khz(caller: ApiAccount) -> None:
    _refused(caller, encoded(hum(6, 8_000), 8_000), "must be at least 16 kHz")


def test_a_wav_of_nothing_but_nan(caller: ApiAccount) -> None:
    silent = np.full(24_000 * 6, np.nan, dtype=np.float32)
    _refused(caller, encoded(silent, 24_000, subtype="FLOAT"), "could not be read as WAV or MP3")


def test_an_mp3_that_says_ten_seconds_and_holds_two(caller: ApiAccount) -> None:
    whole = encoded(hum(10), 24_000, container="MP3")
    _refused(caller, whole[: len(whole) // 5], "must be at least 5 seconds")


def test_a_wav_that_says_ten_seconds_and_holds_two(caller: ApiAccount) -> None:
    whole = encoded(hum(10), 24_000)
    _refused(caller, whole[: len(whole) // 5], "must be at least 5 seconds")


def test_stereo_of_24_bits_is_cloned(caller: ApiAccount, reference: bytes) -> None:
    mono, rate = samples(reference)
    stereo = encoded(np.stack([mono, 0.5 * mono], axis=1), rate, subtype="PCM_24")
    spoken = caller.speak("Both channels.", reference=stereo, inference_timesteps="4")
    assert 0.8 < seconds_of(spoken) < 5


@pytest.mark.parametrize(("container", "rate"), [("MP3", 24_000), ("FLAC", 16_000), ("OGG", 48_000)])
def test_other_containers_and_rates_are_taken(
    caller: ApiAccount, reference: bytes, container: str, rate: int
) -> None:
    mono, original = samples(reference)
    places = np.arange(0, len(mono), original / rate)
    resampled = np.interp(places, np.arange(len(mono)), mono).astype(np.float32)
    _taken(caller, encoded(resampled, rate, container=container))


def test_a_truncated_mp3_with_enough_left_is_taken(caller: ApiAccount, reference: bytes) -> None:
    whole = encoded(*samples(reference), container="MP3")
    _taken(caller, whole[: int(len(whole) * 0.85)])


def _taken(caller: ApiAccount, recording: bytes) -> None:
    """Accepted as a clone. The worker reads a recording as the gate does; its voice is not fitted here."""
    accepted = caller.generate("Hello.", reference=recording)
    assert accepted["mode"] == "clone"
    caller.cancel_all([accepted["id"]])
    caller.wait(accepted["id"])
