"""What `sayhook bench chapter` listens for: words lost or said twice, loudness, and the times of words."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from engine import Engine
from engine.values import Speech, SpeechRequest
from hub.evaluation.chapter import LONGEST, SHORTEST, chapter_figures, stretches
from hub.evaluation.libraries import Transcriber

TEXT = "We followed the narrow path down to the beach, where the children had built a castle."
MORE = " Nobody wanted to leave before the sun went down behind the hills."


@pytest.fixture(scope="module")
def spoken(engine: Engine) -> Speech:
    return engine.speak(SpeechRequest(text=TEXT, language="en"))


@pytest.fixture(scope="module")
def listen() -> Transcriber:
    return Transcriber()


def figures(
    audio: bytes, spoken: Speech, text: str, listen: Transcriber
) -> dict[str, tuple[float, bool | None]]:
    found = chapter_figures(audio, spoken.words, text, listen)
    return {figure.name.removeprefix("chapter."): (figure.value, figure.met) for figure in found}


def test_what_was_said_once_and_whole_passes(spoken: Speech, listen: Transcriber) -> None:
    found = figures(spoken.audio, spoken, TEXT, listen)
    assert found["word_errors"][0] < 0.15
    assert all(met is not False for _, met in found.values()), found


def test_lost_and_repeated_and_uneven_speech_is_found(spoken: Speech, listen: Transcriber) -> None:
    samples, rate = soundfile.read(io.BytesIO(spoken.audio), dtype="float32")
    pause = np.zeros(round(30 * rate) - len(samples), np.float32)
    file = io.BytesIO()
    soundfile.write(file, np.concatenate([samples, pause, samples * 0.3, pause]), rate, format="WAV")
    found = figures(file.getvalue(), spoken, TEXT, listen)
    assert found["longest_repeat"][1] is False
    assert found["loudness_lu"][1] is False
    assert figures(spoken.audio, spoken, TEXT + MORE, listen)["longest_loss"][1] is False


def test_stretches_meet_and_are_cut_where_it_is_quiet() -> None:
    rate = 1000
    samples = np.ones(70 * rate, np.float32)
    samples[20 * rate : 21 * rate] = samples[40 * rate : 41 * rate] = 0.0
    pieces = list(stretches(samples, rate))
    assert [first for first, _ in pieces[1:]] == [last for _, last in pieces[:-1]]
    assert (pieces[0][0], pieces[-1][1]) == (0, len(samples))
    assert all(SHORTEST <= (last - first) / rate <= LONGEST for first, last in pieces[:-1])
    assert 20 * rate < pieces[0][1] < 21 * rate
    assert 40 * rate < pieces[1][1] < 41 * rate
