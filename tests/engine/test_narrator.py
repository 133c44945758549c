from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from engine.backends.voxcpm_server import VoxCPMServer
from engine.errors import BackendUnavailable, Cancelled, LanguageNotServed, NothingToSpeak
from engine.narrator import Narrator, Preferring
from engine.speaker import Engine
from engine.values import AudioFormat, SpeechRequest
from tests.engine.backends.speech_servers import SpeechServer, serving


@pytest.fixture
def server() -> Iterator[SpeechServer]:
    with serving() as server:
        yield server


@pytest.fixture
def narrator(server: SpeechServer) -> Iterator[Narrator]:
    backend = VoxCPMServer(server.url)
    yield Narrator(backend)
    backend.close()


def test_numbers_are_spelled_out_and_the_cue_is_kept(server: SpeechServer, narrator: Narrator) -> None:
    speech = narrator.speak(
        SpeechRequest(text="(cheerful) I paid $3 in May.", language="en", description="warm")
    )
    assert server.asked[0]["input"] == "(warm, cheerful)I paid three dollars in May."
    assert [word.text for word in speech.words] == ["I", "paid", "$3", "in", "May."]
    assert (speech.language, speech.engine) == ("en", "voxcpm-server")


def test_the_language_is_found_and_the_seed_follows_from_the_voice(narrator: Narrator) -> None:
    first = narrator.speak(SpeechRequest(text="Guten Morgen, wie geht es Ihnen heute?", description="warm"))
    second = narrator.speak(SpeechRequest(text="Das Wetter ist heute wirklich schön.", description="warm"))
    assert first.language == second.language == "de"
    assert first.seed == second.seed


def test_a_part_is_in_the_language_of_its_whole_text(narrator: Narrator) -> None:
    chapter = "Rosa\n(calm) Es war einmal ein König, der hatte eine schöne Tochter."
    heading = narrator.speak(SpeechRequest(text="Rosa", context=chapter))
    assert heading.language == "de"
    assert narrator.speak(SpeechRequest(text="Rosa")).language == "en", "by itself it is not told"


@pytest.mark.parametrize("format", list(AudioFormat))
def test_every_format_is_level_and_of_the_stated_length(narrator: Narrator, format: AudioFormat) -> None:
    speech = narrator.speak(SpeechRequest(text="Good morning, everyone.", language="en", format=format))
    samples, rate = soundfile.read(io.BytesIO(speech.audio))
    assert rate == speech.sample_rate == 48_000
    assert abs(len(samples) / rate - speech.duration_seconds) < 0.1
    assert 0.05 < np.abs(samples).max() < 0.95
    assert len(speech.peaks) == 200


def test_words_stay_in_their_piece_and_in_order(narrator: Narrator) -> None:
    text = "The first sentence says something or other about the weather. " * 6
    speech = narrator.speak(SpeechRequest(text=text, language="en"))
    assert [word.text for word in speech.words] == text.split()
    ends = [word.end for word in speech.words]
    assert ends == sorted(ends)
    assert all(word.start < word.end for word in speech.words)
    assert ends[-1] <= speech.duration_seconds
    gaps = [after.start - before.end for before, after in zip(speech.words, speech.words[1:], strict=False)]
    assert sum(gap > 0.2 for gap in gaps) == 1


def test_chinese_has_no_blanks(server: SpeechServer, narrator: Narrator) -> None:
    narrator.speak(SpeechRequest(text="早上好，今天天气很好。", language="zh"))
    assert "早上好" in server.asked[0]["input"]
    assert "上 好" not in server.asked[0]["input"]


def test_progress_ends_at_one_and_cancelling_works(narrator: Narrator) -> None:
    shares: list[float] = []
    narrator.speak(SpeechRequest(text="Good morning."), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(Cancelled):
        narrator.speak(SpeechRequest(text="Good morning."), cancelled=lambda: True)


def test_what_cannot_be_spoken(narrator: Narrator) -> None:
    with pytest.raises(NothingToSpeak):
        narrator.speak(SpeechRequest(text="(cheerful) ..."))
    with pytest.raises(LanguageNotServed, match="xx"):
        narrator.speak(SpeechRequest(text="Hello.", language="xx"))
    with pytest.raises(LanguageNotServed, match="'uk'"):
        narrator.speak(SpeechRequest(text="Добрий ранок, як ваші справи?", language="uk"))


class TestPreferring:
    def test_the_other_speaks_what_the_first_cannot_and_says_why(
        self, narrator: Narrator, engine: Engine
    ) -> None:
        both = Preferring(narrator, engine)
        kept = both.speak(SpeechRequest(text="Good morning.", language="en"))
        passed_on = both.speak(SpeechRequest(text="Добрий ранок!", language="uk"))
        assert (both.name, kept.engine, kept.warnings) == ("voxcpm-server", "voxcpm-server", ())
        assert (passed_on.language, passed_on.engine) == ("uk", "kokoro")
        why = passed_on.warnings[-1]
        assert why.startswith("Spoken by kokoro because voxcpm-server cannot: VoxCPM2 does not speak 'uk'")

    def test_the_other_follows_a_setting_the_first_cannot_and_says_why(
        self, server: SpeechServer, narrator: Narrator, engine: Engine
    ) -> None:
        both = Preferring(narrator, engine)
        fast = both.speak(SpeechRequest(text="Good morning.", language="en", speed=1.5))
        assert (fast.engine, server.asked) == ("kokoro", [])
        assert fast.warnings == ("Spoken by kokoro because voxcpm-server cannot: it does not follow speed",)
        design = SpeechRequest(text="Good morning.", language="en", cfg_value=3.0)
        assert both.speak(design).engine == "voxcpm-server", "it matters to clones only"
        clone = replace(design, reference=b"sound", inference_timesteps=20)
        assert narrator.unserved(clone) == ["cfg_value", "inference_timesteps"]
        assert narrator.unserved(replace(clone, cfg_value=2.0, inference_timesteps=10)) == []

    def test_a_server_that_is_away_is_an_error_not_another_voice(
        self, server: SpeechServer, narrator: Narrator
    ) -> None:
        server.interfere = lambda talk: talk.answer(503, b"")
        both = Preferring(narrator, narrator)
        with pytest.raises(BackendUnavailable):
            both.speak(SpeechRequest(text="Good morning.", language="en"))
        assert len(server.asked) == 1

    def test_a_server_that_is_away_does_not_keep_the_worker_from_starting(self, narrator: Narrator) -> None:
        backend = VoxCPMServer("http://127.0.0.1:1")
        with pytest.raises(BackendUnavailable):
            backend.warm_up()
        Preferring(Narrator(backend), narrator).warm_up()
        backend.close()
