"""Examples of voiceovers and hooks in `openapi.json`; a test holds each against its schema."""

from __future__ import annotations

from typing import Any

from hub.api.examples import COMPLETED

VOICEOVER_FORM: dict[str, Any] = {
    "step": {
        "summary": "A step that waits for its callback",
        "value": {
            "text": "New in our shop: a kettle that sings.",
            "voice_description": "A friendly young woman with a bright, clear voice",
            "format": "mp3",
            "callback_url": "https://zapier.com/hooks/callback/1/2/3/",
            "metadata": {"order": "A-1042"},
        },
    }
}

_SAME = ("id", "status", "mode", "language", "format", "output_url", "output_expires_at")
_AFTER = ("duration_seconds", "credits_used", "progress", "seed", "engine", "metadata")
_TIMES = ("created_at", "started_at", "completed_at")

VOICEOVER: dict[str, Any] = {
    **{name: COMPLETED[name] for name in (*_SAME, *_AFTER, *_TIMES)},
    **COMPLETED["captions"],
    "source": "api",
    "connection_id": None,
    "voice_id": None,
    "download_url": f"https://voice.example.com/v1/voiceovers/{COMPLETED['id']}/audio",
    "characters": 37,
    "credits_remaining": 450.0,
    "error_code": None,
    "error_message": None,
    "warnings": "",
}

_LATER = ("output_url", "output_expires_at", "download_url", "srt_url", "vtt_url", "duration_seconds")

WAITING: dict[str, Any] = {
    **VOICEOVER,
    **dict.fromkeys([*_LATER, "engine", "started_at", "completed_at"]),
    "status": "queued",
    "progress": 0.0,
}

PAGE: dict[str, Any] = {"data": [VOICEOVER], "next_cursor": None}

CALLBACK_FORM: dict[str, Any] = {
    "step": {
        "summary": "A paused step",
        "value": {"callback_url": "https://zapier.com/hooks/callback/1/2/3/"},
    }
}

HOOK_FORM: dict[str, Any] = {
    "zap": {
        "summary": "A Zap that starts with each cloned voiceover",
        "value": {
            "target_url": "https://hooks.zapier.com/hooks/standard/1/2/",
            "events": ["generation.completed"],
            "mode": "clone",
            "goodbye": True,
        },
    }
}

HOOK: dict[str, Any] = {
    "id": "c2a7f8d1-53c0-4bb2-8f3e-9c7d1a2b3c4d",
    "target_url": "https://hooks.zapier.com/hooks/standard/1/2/",
    "events": ["generation.completed"],
    "mode": "clone",
    "voice_id": None,
    "connection_id": None,
    "goodbye": True,
    "failing_since": None,
    "last_delivery_at": "2026-11-22T18:20:02.004Z",
    "last_status": "delivered",
    "created_at": "2026-11-22T18:20:00.125Z",
}

HOOK_MADE: dict[str, Any] = {
    **HOOK,
    "last_delivery_at": None,
    "last_status": None,
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
}
