from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from engine.backends.voxcpm_pieces import MOST_WEIGHT, split
from engine.backends.voxcpm_prompt import Prompt, Transcripts, Voice, longest_seconds, prompt_of
from engine.errors import LanguageNotServed, NothingToSpeak, ReferenceRejected
from engine.values import SpeechRequest
from tests.engine.backends.conftest import recording

DESIGN = SpeechRequest(text="(cheerful) Good morning!", description="warm, professional male narrator")
CLONE = SpeechRequest(text="(cheerful) Good morning!", reference=recording())
MATCHED = replace(CLONE, reference_text="This is what I say.")


def model_text(prompt: Prompt) -> str:
    return prompt.line(0, prompt.voice).text


def test_description_and_cue_share_one_pair_of_parentheses() -> None:
    assert model_text(prompt_of(DESIGN)) == "(warm, professional male narrator, cheerful)Good morning!"


@pytest.mark.parametrize(
    ("description", "text", "expected"),
    [
        (None, "Good morning!", "Good morning!"),
        (None, "（cheerful）Good morning!", "(cheerful)Good morning!"),
        ("", "(cheerful) Good morning!", "(cheerful)Good morning!"),
        (
            "a young woman (tired)\nalmost （whispering）",
            "Hi there.",
            "(a young woman tired almost whispering)Hi there.",
        ),
        ("calm", "Good\n\n  morning!", "(calm)Good morning!"),
        (None, "(see page 4) Turn left.", "see page 4, Turn left."),
        ("calm", "(see page 4) Turn left.", "(calm)see page 4, Turn left."),
        (None, "Turn left (see page 4).", "Turn left (see page 4)."),
        (None, "“Don’t”, she said…", '"Don\'t", she said...'),
        (None, "BUY ONE NOW!", "Buy one now!"),
        (None, "NASA", "NASA"),
    ],
)
def test_text_is_given_as_the_model_reads_it(description: str | None, text: str, expected: str) -> None:
    assert model_text(prompt_of(SpeechRequest(text=text, description=description))) == expected


def test_a_clone_keeps_its_cue_and_says_that_its_description_is_left_out() -> None:
    prompt = prompt_of(replace(CLONE, description="an old man"))
    assert model_text(prompt) == "(cheerful)Good morning!"
    assert prompt.voice.reference is not None
    assert (prompt.voice.continued, prompt.voice.transcript) == (None, None)
    assert [warning for warning in prompt.warnings if "description" in warning]


def test_a_clone_with_transcript_has_no_directions_and_says_so() -> None:
    prompt = prompt_of(MATCHED)
    assert model_text(prompt) == "Good morning!"
    assert prompt.voice.transcript == "This is what I say."
    assert prompt.voice.reference == prompt.voice.continued is not None
    assert [warning for warning in prompt.warnings if "(cheerful)" in warning]


def test_transcripts_may_serve_only_to_go_on_from_or_not_at_all() -> None:
    going_on = prompt_of(MATCHED, Transcripts.CONTINUE).voice
    assert going_on.reference is None
    assert (going_on.continued is not None, going_on.transcript) == (True, "This is what I say.")
    ignored = prompt_of(MATCHED, Transcripts.IGNORE)
    assert (ignored.voice.continued, ignored.voice.transcript) == (None, None)
    assert model_text(ignored) == "(cheerful)Good morning!"


def test_recordings_become_16_kilohertz_mono_of_30_seconds_at_most() -> None:
    samples = np.column_stack([np.frombuffer(recording(40.0, rate=44_100)[44:], "<i2")] * 2)
    file = io.BytesIO()
    soundfile.write(file, samples, 44_100, format="FLAC")
    prompt = prompt_of(replace(MATCHED, reference=file.getvalue()))
    assert prompt.voice.reference is not None
    info = soundfile.info(io.BytesIO(prompt.voice.reference))
    assert (info.samplerate, info.channels, info.subtype, info.frames) == (16_000, 1, "PCM_16", 480_000)
    # The transcript tells 40 seconds, of which the model hears 30: it would never stop.
    assert prompt.voice.transcript is None
    assert [warning for warning in prompt.warnings if "transcript" in warning]


def test_recordings_begin_and_end_softly() -> None:
    prompt = prompt_of(replace(CLONE, reference=recording(5.0, pitch=0.02)))
    samples, _ = soundfile.read(io.BytesIO(prompt.voice.reference or b""))
    assert abs(samples[0]) < 1e-3 > abs(samples[-1])
    assert np.abs(samples).max() > 0.01


def test_bad_recordings_are_refused_by_the_same_gate() -> None:
    with pytest.raises(ReferenceRejected, match="at least 5 seconds"):
        prompt_of(replace(CLONE, reference=recording(3.0)))


def test_every_retry_draws_other_numbers_and_the_first_is_the_callers() -> None:
    prompt = prompt_of(replace(DESIGN, seed=2**31 - 1))
    seeds = [prompt.line(0, Voice(), retry).seed for retry in range(3)]
    assert seeds == [2**31 - 1, 0, 1]
    assert prompt_of(DESIGN).seed == prompt_of(replace(DESIGN, text="(cheerful) Good night!")).seed
    assert prompt_of(DESIGN).seed != prompt_of(replace(DESIGN, description="a child")).seed


def test_languages_the_model_was_not_trained_on_are_refused_by_name() -> None:
    assert prompt_of(replace(DESIGN, language="sw")).pieces
    with pytest.raises(LanguageNotServed, match="'ta'"):
        prompt_of(replace(DESIGN, language="ta"))


@pytest.mark.parametrize("text", ["", "(cheerful)", "...", "(cheerful) — ?!"])
def test_nothing_to_say_is_an_error(text: str) -> None:
    with pytest.raises(NothingToSpeak):
        prompt_of(SpeechRequest(text=text))


def test_the_limits_fit_slow_readers_and_stop_runaways() -> None:
    assert 20 < longest_seconds("a" * 100) < 60
    assert longest_seconds("今天天气很好。") > 2 * longest_seconds("sunny today") - 6
    line = prompt_of(SpeechRequest(text="Good morning, everyone!")).line(0, Voice())
    assert line.least_seconds < 1.0 < line.most_seconds


class TestSplit:
    def test_short_text_stays_whole(self) -> None:
        assert split("One. Two. Three.") == ["One. Two. Three."]

    def test_nothing_is_lost_and_no_piece_is_too_long(self) -> None:
        text = "Sentences differ, as they do: some are long; others are not. Costs rose 3.5 percent! " * 12
        pieces = split(text)
        assert "".join(pieces) == text
        assert len(pieces) > 3
        assert all(len(piece) <= MOST_WEIGHT for piece in pieces)
        assert all(piece.rstrip().endswith((".", "!")) for piece in pieces)

    def test_a_long_sentence_is_cut_at_a_clause_then_at_a_word_then_anywhere(self) -> None:
        clauses = split("a clause that goes on and on, " * 12)
        assert all(piece.rstrip().endswith(",") for piece in clauses)
        words = split("word " * 100)
        assert all(piece.endswith(" ") for piece in words[:-1])
        assert [len(piece) for piece in split("a" * 500)] == [220, 220, 60]

    def test_ideographs_weigh_more(self) -> None:
        text = "今天天气很好，我们一起去公园走走吧。" * 10
        pieces = split(text)
        assert "".join(pieces) == text
        assert all(30 < len(piece) <= 61 for piece in pieces[:-1])
        assert all(piece.endswith("。") for piece in pieces)
