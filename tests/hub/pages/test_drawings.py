"""What the pages draw and write by themselves: waveform, chart, code, transcript."""

from __future__ import annotations

import json
import re
import shlex
from datetime import date
from typing import Any

import pytest

from hub.money.usage import SpentOnSource
from hub.pages.chart import chart, shares
from hub.pages.request_code import ApiRequest, needed, samples
from hub.pages.transcript import clock, transcript
from hub.pages.waveform import HEIGHT, thinned, waveform_path

TEXT = 'It\'s "@home", costs $5;\n`ls` says <b>100 %</b> — ok \\ done'


def test_the_loudest_peak_fills_the_height_and_silence_is_a_line() -> None:
    strokes = re.findall(r"M([\d.]+) ([\d.]+)V([\d.]+)", waveform_path([0.0, 0.1, 0.2]))
    heights = [float(low) - float(high) for _, high, low in strokes]
    assert heights == [2.0, (HEIGHT - 8) / 2, HEIGHT - 8]
    assert waveform_path([]) == waveform_path([0.0] * 9) == "M0 48H800"


def test_a_small_drawing_keeps_the_loudest_moments() -> None:
    assert thinned([0.1, 0.9, 0.2, 0.3, 0.5], 2) == [0.9, 0.5]
    assert thinned([0.1, 0.2], 40) == [0.1, 0.2]


def test_columns_stack_and_small_sources_share_one() -> None:
    day = date(2026, 5, 3)
    spent = [SpentOnSource(day, f"door-{number}", 1, 100 - number) for number in range(7)]
    drawn = chart(spent, first=day, last=date(2026, 5, 4))
    assert drawn.sources == ["door-0", "door-1", "door-2", "door-3", "other"]
    assert shares(drawn)["other"] == 96 + 95 + 94
    assert (drawn.requests, drawn.credits, len(drawn.spending.blocks)) == ([7, 0], 679, 5)
    assert [level.label for level in drawn.spending.levels] == ["0", "500", "1,000"]
    assert [level.label for level in drawn.asking.levels] == ["0", "5", "10"]
    (column,) = drawn.asking.blocks
    assert column.height == pytest.approx(
        0.7 * (drawn.asking.levels[0].at - drawn.asking.levels[2].at), abs=0.02
    )
    for lower, upper in zip(drawn.spending.blocks, drawn.spending.blocks[1:], strict=False):
        assert upper.y + upper.height == pytest.approx(lower.y, abs=0.02)
    assert [tick.label for tick in drawn.dates] == ["4 May", "3 May"]


def test_curl_sends_each_field_as_it_is() -> None:
    request = ApiRequest("/v1/tts/generate", {"text": TEXT, "seed": 7}, "my voice.wav")
    words = shlex.split(samples(request, "https://hub.example")[0].code.replace("\\\n", " "))
    assert words[:2] == ["curl", "https://hub.example/v1/tts/generate"]
    assert [words[at + 1] for at, word in enumerate(words) if word == "--form-string"] == [
        f"text={TEXT}",
        "seed=7",
    ]
    assert words[-1] == "voice_ref=@my voice.wav"


@pytest.mark.parametrize("recording", [None, "voice.wav"])
def test_python_and_javascript_hold_the_same_fields(recording: str | None) -> None:
    fields = {"text": TEXT, "seed": 7, "voice_description": "A calm woman " * 20}
    _, python, javascript = samples(ApiRequest("/v1/tts/generate", fields, recording), "https://hub.example")
    compile(python.code, "sample", "exec")
    literal = python.code.split("fields = ")[1].split("\n\nanswer")[0]
    assert eval(literal) == fields
    assert json.loads(javascript.code.split("const fields = ")[1].split(";\nconst body")[0]) == fields
    assert ("openAsBlob" in javascript.code) == (recording is not None) == ("files=" in python.code)


def test_code_leaves_out_what_goes_without_saying() -> None:
    given: dict[str, Any] = {
        "text": "Hi",
        "language": "auto",
        "format": "mp3",
        "cfg_value": 3.0,
        "seed": None,
    }
    assert needed(given, is_clone=False) == {"text": "Hi", "format": "mp3"}
    assert needed(given, is_clone=True) == {"text": "Hi", "format": "mp3", "cfg_value": 3.0}


def test_code_shows_the_beginning_of_a_chapter() -> None:
    request = ApiRequest("/v1/tts/longform", {"text": "word " * 500, "seed": 7})
    assert request.is_shortened
    for sample in samples(request, "https://hub.example"):
        assert len(sample.code) < 1500
        assert "…" in sample.code


def test_a_long_text_is_followed_by_lines() -> None:
    words = [["word", number * 0.3, number * 0.3 + 0.2] for number in range(401)]
    lines = transcript(words)
    assert len(lines) < 60
    assert lines[0].text.startswith("word word")
    assert [piece.text for piece in transcript(words[:3])] == ["word"] * 3


def test_a_chapter_is_shown_in_few_pieces_and_only_as_much_as_stays_light() -> None:
    words: list[list[Any]] = [["word", number * 0.3, number * 0.3 + 0.2] for number in range(10_000)]
    pieces = transcript(words)
    assert 200 < len(pieces) <= 400
    assert " ".join(piece.text for piece in pieces).split() == ["word"] * 10_000
    assert (pieces[0].start, pieces[-1].end) == (0, words[-1][2])
    heavy = transcript([["\u8bcd" * 5, *times] for _, *times in words])
    size = sum(len(piece.text.encode()) for piece in heavy)
    assert 50_000 < size <= 60_000
    assert heavy[-1].end < words[-1][2], "the rest is in the captions"


def test_the_clock() -> None:
    assert [clock(seconds) for seconds in (0, 7.9, 61, 3723)] == ["0:00", "0:07", "1:01", "1:02:03"]
