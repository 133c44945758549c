from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.echo import already_spoken, spoken_hash
from connectors.values import Ignored, SpeechOrder
from engine.values import AudioFormat, SpeechRequest

REQUEST = SpeechRequest("Hello", language="en", description="warm", reference=b"RIFF")
CHANGES: list[dict[str, Any]] = [
    {"text": "Hello."},
    {"language": "de"},
    {"description": None},
    {"reference": b"RIFX"},
    {"reference_text": "Hi"},
    {"cfg_value": 2.5},
    {"inference_timesteps": 12},
    {"seed": 0},
    {"format": AudioFormat.MP3},
    {"instructions": "slowly"},
    {"speed": 1.5},
]

ADDED_LATER = {"context", "generation", "pronunciations"}
"""The hub fills these in when the order is spoken; no connector knows them."""


@pytest.mark.parametrize("change", CHANGES, ids=[next(iter(change)) for change in CHANGES])
def test_anything_that_is_heard_changes_the_hash(change: dict[str, Any]) -> None:
    assert spoken_hash(replace(REQUEST, **change)) != spoken_hash(REQUEST)


def test_equal_requests_have_equal_hashes() -> None:
    assert spoken_hash(replace(REQUEST)) == spoken_hash(REQUEST)
    assert len(spoken_hash(REQUEST)) == 64
    assert set(REQUEST.__slots__) - ADDED_LATER == {next(iter(change)) for change in CHANGES}


def test_only_the_last_hash_counts() -> None:
    order = SpeechOrder(REQUEST, spoken_hash="a" * 64)
    assert isinstance(already_spoken(order, "a" * 64), Ignored)
    assert already_spoken(order, "b" * 64) is None
    assert already_spoken(order, None) is None
    assert already_spoken(SpeechOrder(REQUEST), None) is None
