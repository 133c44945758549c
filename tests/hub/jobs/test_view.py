"""The status document: its keys, its times, its link and its money in each state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hub.jobs.view import status_document
from hub.store.tables import Generation

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
KEYS = [
    "id",
    "status",
    "mode",
    "language",
    "progress",
    "credits_used",
    "created_at",
    "started_at",
    "completed_at",
    "output_url",
    "output_expires_at",
    "duration_seconds",
    "format",
    "seed",
    "engine",
    "captions",
    "metadata",
    "error",
    "warnings",
]


class Unsigned:
    def sign(self, purpose: str, message: bytes) -> str:
        return "sig"

    def verify(self, purpose: str, message: bytes, signature: str) -> bool:
        return signature == "sig"


def generation(**given: Any) -> Generation:
    fields: dict[str, Any] = {
        "id": "g1",
        "account_id": "a1",
        "source": "api",
        "status": "queued",
        "mode": "design",
        "price": 50,
        "text": "Hello.",
        "language": "auto",
        "cfg_value": 2.0,
        "inference_timesteps": 10,
        "format": "wav",
        "sender_metadata": {"sku": "A-1"},
        "progress": 0.0,
        "created_at": NOW,
        "warnings": [],
    }
    return Generation(**{**fields, **given})


def document(**given: Any) -> dict[str, Any]:
    return status_document(
        generation(**given), base_url="http://hub", secrets=Unsigned(), now=NOW, link_lifetime=3600
    )


COMPLETED: dict[str, Any] = {
    "status": "completed",
    "progress": 1.0,
    "started_at": NOW,
    "completed_at": NOW + timedelta(milliseconds=1500),
    "spoken_language": "en",
    "spoken_seed": 7,
    "engine": "kokoro",
    "audio_key": "k",
    "duration_seconds": 1.25,
}


def test_a_waiting_one_has_every_key_and_no_audio() -> None:
    seen = document()
    assert list(seen) == KEYS
    assert seen["status"] == "queued"
    assert seen["credits_used"] == 50.0
    assert seen["created_at"] == "2026-11-22T12:00:00.000Z"
    assert seen["output_url"] is seen["output_expires_at"] is seen["error"] is None
    assert seen["captions"] == {"srt_url": None, "vtt_url": None}
    assert seen["metadata"] == {"sku": "A-1"}


def test_a_completed_one_links_to_its_audio() -> None:
    seen = document(**COMPLETED)
    assert seen["output_url"].startswith("http://hub/v1/audio/g1.wav?expires=")
    assert seen["output_expires_at"] == "2026-11-22T13:00:00.000Z"
    assert (seen["language"], seen["seed"], seen["engine"]) == ("en", 7, "kokoro")
    assert seen["completed_at"] == "2026-11-22T12:00:01.500Z"


def test_captions_are_linked_when_the_words_have_times() -> None:
    seen = document(**COMPLETED, words=[["Hello.", 0.0, 0.5]])
    assert seen["captions"]["srt_url"].startswith("http://hub/v1/audio/g1.srt?expires=")
    assert seen["captions"]["vtt_url"].startswith("http://hub/v1/audio/g1.vtt?expires=")
    assert document(**COMPLETED)["captions"] == {"srt_url": None, "vtt_url": None}


def test_a_seed_of_zero_is_a_seed() -> None:
    assert document(**{**COMPLETED, "seed": 5, "spoken_seed": 0})["seed"] == 0


def test_a_deleted_one_has_no_link() -> None:
    assert document(**COMPLETED, deleted_at=NOW)["output_url"] is None


def test_a_failed_one_says_why_and_costs_nothing() -> None:
    seen = document(status="failed", error_code="timeout", error_message="It took too long.")
    assert seen["error"] == {"code": "timeout", "message": "It took too long."}
    assert seen["credits_used"] == 0.0
    assert seen["output_url"] is None
