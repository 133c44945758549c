"""Cues and pauses anywhere in a text: which are heard, which are prose, and what they hold for."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from engine.directions import Passage, read
from engine.longform import TextKind, plan_text
from engine.speaker import Engine
from engine.values import Speech, SpeechRequest
from engine.voices.pitch import profile

Manner = tuple[str, str | None, str | None, float | None]

READ: dict[str, list[Manner]] = {
    "(cheerful) Good morning! [pause 1.5s] (slow, whispering) Come closer.": [
        ("Good morning!", "cheerful", None, None),
        ("Come closer.", "slow, whispering", None, 1.5),
    ],
    "Anna: (whispering) Come.\n(sad) Bye.": [
        ("Anna:", None, None, None),
        ("Come.", "whispering", None, None),
        ("Bye.", "sad", None, None),
    ],
    "(old man) Hi. (whispering) Psst. (cheerful) Ha! (young woman) Me?": [
        ("Hi.", "old man", None, None),
        ("Psst.", "whispering", "old man", None),
        ("Ha!", "cheerful", "old man", None),
        ("Me?", "young woman", None, None),
    ],
    "Wait [pause] what? [Pause: 500 ms] No.": [
        ("Wait", None, None, None),
        ("what?", None, None, 0.8),
        ("No.", None, None, 0.5),
    ],
    "[short pause][long pause]So. [laughs] Fine.": [
        ("So.", None, None, 1.8),
        ("Fine.", "laughs", None, None),
    ],
    "你好。（whispering）再见。": [("你好。", None, None, None), ("再见。", "whispering", None, None)],
}  # fmt: skip

PROSE = [
    "Turn left (see page 4) and go on.",
    "Turn left. (See page 4.) Go on.",
    "The shirt (red) is nice (slow) to dry.",
    "Well, (calm), he said.",
    "It costs more, (formerly slow) though.",
    "He wrote [sic] it and [paused] there.",
    "(((cheerful))) Hi",
]


def passages(text: str) -> list[Manner]:
    return [(part.text, part.cue, part.speaker, part.pause) for part in read(text).passages]


@pytest.mark.parametrize("text", READ)
def test_directions_are_read_and_taken_out(text: str) -> None:
    assert passages(text) == READ[text]


@pytest.mark.parametrize("text", READ)
def test_a_passage_written_out_reads_back_as_itself(text: str) -> None:
    written = "\n".join(passage.marked for passage in read(text).passages)
    assert passages(written) == READ[text]


@pytest.mark.parametrize("text", PROSE)
def test_prose_stays_spoken(text: str) -> None:
    assert passages(text) == [(text, None, None, None)]


def test_pauses_are_bounded_and_odd_directions_reported() -> None:
    reading = read("[pause 99s] One. [pause 9s] Two. [pause 9s] [pause 9s] Three. [pause soon] Four. (sad)")
    assert [passage.pause for passage in reading.passages] == [10.0, 9.0, 11.0, None]
    assert reading.warnings == (
        "Pauses were shortened: one is at most 10 s, all of a text 30 s",
        "[pause soon] was not understood as a pause: write [pause 1.5s] or [pause 500ms]",
        "The cue (sad) colours nothing: put it in front of the words it is meant for",
    )
    assert read("(sad) [pause 1s]").passages == ()
    assert read("Bye. [pause 2s]").silence == 2.0


def test_hostile_brackets_cost_no_time() -> None:
    for text in ("(" * 50_000, "[pause " * 9_000, "(calm) " * 7_000 + "Hi."):
        assert len(read(text).passages) <= 1


@pytest.fixture(scope="module")
def told(engine: Engine) -> Speech:
    text = "[pause 700ms] Good morning, dear listeners. [pause 2s] (elderly man, zorbly) I am old. [pause 1s]"
    return engine.speak(SpeechRequest(text=text, language="en", description="af_heart", seed=3))


def test_words_stand_where_they_sound_and_pauses_are_as_long_as_asked(told: Speech) -> None:
    assert [word.text for word in told.words] == ["Good", "morning,", "dear", "listeners.", "I", "am", "old."]
    assert told.words[0].start == pytest.approx(0.7, abs=0.15)
    assert told.words[4].start - told.words[3].end == pytest.approx(2.0, abs=0.2)
    assert told.duration_seconds - told.words[-1].end == pytest.approx(1.1, abs=0.2)
    samples, rate = soundfile.read(io.BytesIO(told.audio), dtype="float32")
    middle = (told.words[3].end + told.words[4].start) / 2
    silent = samples[round((middle - 0.6) * rate) : round((middle + 0.6) * rate)]
    assert np.abs(silent).max() < 1e-3


def test_the_voice_changes_with_the_cue_and_what_was_not_understood_is_told(engine: Engine) -> None:
    text = "I would like to read you a story. (elderly man, zorbly) I would like to read you a story."
    speech = engine.speak(SpeechRequest(text=text, language="en", description="a young woman", seed=3))
    samples, rate = soundfile.read(io.BytesIO(speech.audio), dtype="float32")
    half = round((speech.words[7].end + speech.words[8].start) / 2 * rate)
    high, low = (profile(part, rate).median for part in (samples[:half], samples[half:]))
    assert high > 1.3 * low
    assert any("zorbly" in warning for warning in speech.warnings)


class TestLongForm:
    def test_parts_begin_under_the_cue_in_force(self) -> None:
        sentence = "The sea was as flat as a plate that night. "
        text = (
            "(old man, slow) "
            + sentence * 14
            + "(whispering) "
            + sentence * 14
            + "(young woman) "
            + sentence * 14
        )
        parts = plan_text(text)
        assert all(len(part.text) <= 500 for part in parts)
        heads = [read(part.text).passages[0] for part in parts]
        cues = [(head.speaker, head.cue) for head in heads]
        assert list(dict.fromkeys(cues)) == [
            (None, "old man, slow"),
            ("old man, slow", "whispering"),
            (None, "young woman"),
        ]
        spoken = " ".join(passage.text for part in parts for passage in read(part.text).passages)
        assert spoken.split() == (sentence * 42).split()

    def test_directions_alone_in_a_paragraph_join_the_next_part(self) -> None:
        text = "# One\n\nHello there.\n\n[pause 3s]\n\n(calm)\n\nGood night.\n\n[pause 2s]"
        parts = plan_text(text, TextKind.MARKDOWN)
        assert [part.text for part in parts] == [
            "One",
            "Hello there.",
            "[pause 3s] (calm) Good night. [pause 2s]",
        ]
        assert parts[-1].pause == 0.0
        assert plan_text("(calm)\n\n[pause 1s]") == ()

    def test_no_part_ends_inside_a_direction(self) -> None:
        words = "word " * 80
        text = f"{words}, (very slow, deep and whispering) {words}, (very slow, deep and whispering) {words}"
        parts = plan_text(text)
        assert "(" not in " ".join(passage.text for part in parts for passage in read(part.text).passages)
        assert Passage("") not in [read(part.text).last for part in parts[2:]]
