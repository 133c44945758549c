"""Examples in `openapi.json`; a test holds each against its schema."""

from __future__ import annotations

from typing import Any

_ID = "7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11"
_HUB = "https://voice.example.com"
_LINK = f"{_HUB}/v1/audio/{_ID}"
_SEAL = "expires=1795375200&signature=5a0f…c2"

GENERATE: dict[str, Any] = {
    "design": {
        "summary": "A designed voice",
        "value": {
            "text": "(cheerful) Good morning! Your parcel is on its way.",
            "voice_description": "A friendly young woman with a bright, clear voice",
            "language": "en",
            "format": "mp3",
        },
    },
    "smallest": {"summary": "Text only", "value": {"text": "Hello from Sayhook."}},
}

SPEECH: dict[str, Any] = {
    "preset": {
        "summary": "As an OpenAI client sends it",
        "value": {"model": "tts-1", "input": "Good morning, and welcome.", "voice": "alloy"},
    },
    "described": {
        "summary": "A described voice and how it speaks",
        "value": {
            "model": "sayhook",
            "input": "Good morning, and welcome.",
            "voice": "A calm woman in her thirties with a low, warm voice",
            "instructions": "cheerful and brisk",
            "response_format": "opus",
        },
    },
}

LONGFORM: dict[str, Any] = {
    "chapter": {
        "summary": "A chapter in Markdown",
        "value": {
            "text": "# The Sea\n\nIt was calm that morning.\n\nNobody spoke.",
            "text_kind": "markdown",
            "voice_description": "An elderly man, slow and warm",
            "format": "mp3",
        },
    }
}

ACCEPTED: dict[str, Any] = {
    "id": _ID,
    "status": "queued",
    "credits_used": 50.0,
    "mode": "design",
    "status_url": f"{_HUB}/v1/tts/status/{_ID}",
    "stream_url": f"{_HUB}/v1/tts/stream/{_ID}?{_SEAL}",
    "created_at": "2026-11-22T18:20:00.125Z",
    "warnings": [],
}

ESTIMATE: dict[str, Any] = {
    "route": "/v1/tts/longform",
    "mode": "design",
    "parts": 3,
    "characters": 1380,
    "price": 150.0,
    "credits": 450.0,
    "sufficient": True,
    "warnings": [],
}

COMPLETED: dict[str, Any] = {
    "id": _ID,
    "status": "completed",
    "mode": "design",
    "language": "en",
    "progress": 1.0,
    "credits_used": 50.0,
    "created_at": "2026-11-22T18:20:00.125Z",
    "started_at": "2026-11-22T18:20:00.310Z",
    "completed_at": "2026-11-22T18:20:02.004Z",
    "output_url": f"{_LINK}.mp3?{_SEAL}",
    "output_expires_at": "2026-11-22T19:20:03.000Z",
    "duration_seconds": 3.412,
    "format": "mp3",
    "seed": 1234,
    "engine": "kokoro",
    "captions": {"srt_url": f"{_LINK}.srt?{_SEAL}", "vtt_url": f"{_LINK}.vtt?{_SEAL}"},
    "metadata": {"order": "A-1042"},
    "error": None,
    "warnings": [],
}

CANCELLED: dict[str, Any] = {
    **COMPLETED,
    "status": "cancelled",
    "progress": 0.0,
    "credits_used": 0.0,
    "started_at": None,
    "output_url": None,
    "output_expires_at": None,
    "duration_seconds": None,
    "engine": None,
    "captions": {"srt_url": None, "vtt_url": None},
}

PAGE: dict[str, Any] = {"data": [COMPLETED], "next_cursor": None}

VOICES: dict[str, Any] = {
    "design": {
        "summary": "A described voice",
        "value": {"name": "Narrator", "voice_description": "An elderly man, slow and warm", "seed": 7},
    }
}

VOICE: dict[str, Any] = {
    "id": "3a1de1f5-3c39-4a3f-b3fb-6a0c1f1f7d20",
    "name": "Narrator",
    "mode": "design",
    "voice_description": "An elderly man, slow and warm",
    "seed": 7,
    "consent": None,
    "created_at": "2026-11-22T18:20:00.125Z",
}

DESIGN: dict[str, Any] = {
    "warm": {
        "summary": "Three voices to choose from",
        "value": {"voice_description": "A calm woman in her thirties with a low, warm voice", "count": 3},
    }
}

PRONUNCIATIONS: dict[str, Any] = {
    "name": {"summary": "A name", "value": {"word": "Siobhan", "respelling": "shi-vawn", "language": "en"}}
}

PRONUNCIATION: dict[str, Any] = {
    "id": "5f0c2a9e-7a41-4d0e-9a55-2f6f0c9c3a11",
    "word": "Siobhan",
    "respelling": "shi-vawn",
    "ipa": None,
    "language": "en",
    "created_at": "2026-11-22T18:20:00.125Z",
}

PREVIEWS: dict[str, Any] = {
    "voice_description": "A calm woman in her thirties with a low, warm voice",
    "text": "Hello! This is how I sound.",
    "credits_used": 50.0,
    "created_at": "2026-11-22T18:20:00.125Z",
    "previews": [{"id": _ID, "seed": 7, "status_url": f"{_HUB}/v1/tts/status/{_ID}"}],
    "warnings": [],
}

ACCOUNT: dict[str, Any] = {
    "id": "0d0c8f7e-6a57-4c1c-8a1e-0b1a9c2c9d55",
    "email": "you@example.com",
    "plan": "trial",
    "credits": 450.0,
    "held": 50.0,
    "low_credit_below": 100.0,
    "low_credit_since": None,
    "limits": {"requests_per_minute": 60, "concurrent": 2},
}

USAGE: dict[str, Any] = {
    "days": [{"date": "2026-11-22", "generations": 3, "credits_used": 200.0}],
    "generations": 3,
    "credits_used": 200.0,
}

SIGNING_SECRET: dict[str, Any] = {"signing_secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}

LANGUAGES: dict[str, Any] = {
    "data": [
        {
            "code": "en",
            "name": "English",
            "native_name": "English",
            "engine": "kokoro",
            "tier": "native",
            "word_error_rate": 0.021,
        }
    ]
}

METRICS = 'sayhook_queue_depth{queue="speak"} 0.0\n'

PROBLEMS: dict[int, tuple[str, str]] = {
    400: ("text_empty", "Text cannot be empty. Send 1 to 500 characters in the field text."),
    401: ("unauthenticated", "Missing or invalid API key"),
    402: (
        "insufficient_credits",
        "Insufficient credits: this request costs 50 and 20 are left. Top up and try again.",
    ),
    403: (
        "scope_missing",
        "This API key lacks the scope speech:write (create, cancel and delete voiceovers). "
        "Use a key that has it.",
    ),
    404: ("generation_not_found", "Generation not found"),
    408: ("request_timeout", "The request took too long to arrive. Send it again."),
    409: ("idempotency_key_reused", "Idempotency-Key was used with a different request"),
    410: ("link_expired", "This audio link has expired; ask the generation's status for a fresh one."),
    413: (
        "payload_too_large",
        "The body must be at most 1 MB unless it is a multipart form with a recording.",
    ),
    415: (
        "unsupported_media_type",
        "Content-Type must be multipart/form-data, application/x-www-form-urlencoded or application/json.",
    ),
    416: ("range_not_satisfiable", "Range: the file has 164396 bytes."),
    422: ("invalid_field", "cfg_value: must be a number from 0.5 to 5.0, not abc."),
    429: ("rate_limited", "Rate limit exceeded. Try again in 12 s."),
    500: ("internal_error", "Something went wrong here. Try again; if it stays, tell us the request_id."),
    502: ("engine_failed", "The speech engine stopped unexpectedly."),
    503: ("server_busy", "Server busy: the queue is full. Nothing was charged; try again shortly."),
}
"""Code and detail of one problem of each status."""
