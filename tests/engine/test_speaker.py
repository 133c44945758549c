from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engine import Engine
from engine.audio.loudness import CEILING_DBTP, TARGET_LUFS, loudness, true_peak
from engine.errors import Cancelled, LanguageNotServed, ModelMissing, NothingToSpeak
from engine.values import AudioFormat, Speech, SpeechRequest
from tests.engine.listening import decibels, samples_of

SENTENCE = "Your order was shipped."
TWO_SEGMENTS = "(deep voice) One. (high voice) Two."
LONG = " ".join(["This sentence goes on until the segment is full, or very nearly so."] * 4)


@pytest.fixture(scope="module")
def spoken(engine: Engine) -> Speech:
    return engine.speak(SpeechRequest(text=SENTENCE, language="en"))


def test_a_sentence_becomes_audible_speech(spoken: Speech) -> None:
    samples = samples_of(spoken)
    assert 1.0 < spoken.duration_seconds < 4.0
    assert len(samples) / 24_000 == pytest.approx(spoken.duration_seconds, abs=0.001)
    assert decibels(samples) > -30
    assert spoken.language == "en"
    assert spoken.engine == "kokoro"
    assert spoken.warnings == ()


def test_the_same_request_gives_the_same_bytes(engine: Engine, spoken: Speech) -> None:
    again = engine.speak(SpeechRequest(text=SENTENCE, language="en"))
    assert again == spoken
    seeded = engine.speak(SpeechRequest(text=SENTENCE, language="en", seed=spoken.seed))
    assert seeded.audio == spoken.audio


def test_loudness_and_peak_are_fixed(spoken: Speech) -> None:
    samples = samples_of(spoken)
    assert loudness(samples, 24_000) == pytest.approx(TARGET_LUFS, abs=0.5)
    assert 20 * np.log10(true_peak(samples)) <= CEILING_DBTP + 0.1


def test_edges_are_quiet_and_not_clipped(spoken: Speech) -> None:
    samples = samples_of(spoken)
    assert abs(samples[0]) < 1e-3
    assert abs(samples[-1]) < 1e-3
    assert decibels(samples[-240:]) < -50
    sounding = np.flatnonzero(np.abs(samples) > 0.02)
    assert sounding[0] / 24_000 < 0.25
    assert (len(samples) - sounding[-1]) / 24_000 < 0.4


def test_words_follow_each_other_inside_the_audio(spoken: Speech) -> None:
    assert [word.text for word in spoken.words] == SENTENCE.split()
    times = [time for word in spoken.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= spoken.duration_seconds


def test_peaks_draw_the_audio(spoken: Speech) -> None:
    assert len(spoken.peaks) == 200
    assert all(0 <= peak <= 1 for peak in spoken.peaks)
    assert max(spoken.peaks) == pytest.approx(float(np.abs(samples_of(spoken)).max()), abs=0.01)


@pytest.mark.parametrize("format", [AudioFormat.MP3, AudioFormat.FLAC, AudioFormat.OPUS])
def test_every_format_decodes_to_the_same_speech(engine: Engine, spoken: Speech, format: AudioFormat) -> None:
    speech = engine.speak(SpeechRequest(text=SENTENCE, language="en", format=format))
    samples = samples_of(speech)
    rate = 48_000 if len(samples) > 40_000 * spoken.duration_seconds else 24_000
    assert len(samples) / rate == pytest.approx(spoken.duration_seconds, abs=0.1)
    assert decibels(samples) == pytest.approx(decibels(samples_of(spoken)), abs=1.0)


def test_progress_rises_to_the_end_by_segment(engine: Engine) -> None:
    seen: list[float] = []
    engine.speak(SpeechRequest(text=TWO_SEGMENTS, language="en"), progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) == 3


def test_the_first_sentence_of_a_long_text_is_heard_while_the_rest_is_spoken(engine: Engine) -> None:
    stretches: list[int] = []
    with pytest.raises(Cancelled):
        engine.speak(
            SpeechRequest(text=LONG, language="en"),
            listener=lambda samples: stretches.append(len(samples)),
            cancelled=lambda: bool(stretches),
        )
    assert 2 < sum(stretches) / 24_000 < 6, "one of four sentences"


def test_cancelling_stops_between_segments(engine: Engine) -> None:
    seen: list[float] = []
    with pytest.raises(Cancelled):
        engine.speak(
            SpeechRequest(text=TWO_SEGMENTS, language="en"),
            progress=seen.append,
            cancelled=lambda: bool(seen),
        )
    assert len(seen) == 1


@pytest.mark.parametrize("text", ["…!?", "   ", "\x00\x07", "—", "()"])
def test_nothing_speakable_is_refused(engine: Engine, text: str) -> None:
    with pytest.raises(NothingToSpeak):
        engine.speak(SpeechRequest(text=text, language="en"))


def test_an_unknown_language_names_the_known_ones(engine: Engine) -> None:
    with pytest.raises(LanguageNotServed, match="auto or one of en, zh"):
        engine.speak(SpeechRequest(text=SENTENCE, language="tlh"))


def test_requests_at_once_do_not_mix(engine: Engine, models_folder: Path) -> None:
    requests = [SpeechRequest(text=text, language="en") for text in ("One.", "Two birds.", "It rains.")]
    alone = [engine.speak(request) for request in requests]
    crowded = Engine(models_folder)  # one session for a lone request, another for several
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(crowded.speak, requests))
    assert together == alone


def test_no_models_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="sayhook models fetch"):
        Engine(tmp_path).speak(SpeechRequest(text=SENTENCE, language="en"))


def test_importing_the_engine_loads_nothing_heavy() -> None:
    light = "engine, engine.models, engine.languages, engine.packs, engine.values, engine.errors"
    heavy = ("torch", "onnxruntime", "lingua", "scipy", "numpy", "espeakng_loader")
    program = f"import sys, {light}; print([name for name in {heavy!r} if name in sys.modules])"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"
