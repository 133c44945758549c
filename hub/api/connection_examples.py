"""Examples of connections and webhooks in `openapi.json`; a test holds each against its schema."""

from __future__ import annotations

from typing import Any

_ID = "1f7be2a0-6d1c-4d35-9a3e-2b0f5a9c1d44"
_EVENT = "c2a7f8d1-53c0-4bb2-8f3e-9c7d1a2b3c4d"
_JOB = "7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11"
_AT = "2026-11-22T18:20:00.125Z"
_HUB = "https://voice.example.com"

CONNECTION_FORM: dict[str, Any] = {
    "woocommerce": {
        "summary": "A WooCommerce shop",
        "value": {
            "connector": "woocommerce",
            "address": "https://shop.example",
            "credentials": {"consumer_key": "ck_1f0c…", "consumer_secret": "cs_90ab…"},
            "options": {"voice_description": "warm woman, slow pace", "language": "en"},
        },
    }
}

CONNECTION_CHANGES: dict[str, Any] = {
    "voice": {"summary": "Another voice", "value": {"options": {"voice_description": "young man, lively"}}}
}

CONNECTION: dict[str, Any] = {
    "id": _ID,
    "connector": "woocommerce",
    "name": "shop.example",
    "address": "https://shop.example",
    "status": "live",
    "sentence": None,
    "options": {"text": "{{ name }}. {{ description }}", "voice_description": "warm woman, slow pace"},
    "hook_url": f"{_HUB}/hooks/woocommerce/{_ID}",
    "hook_secret": None,
    "events": {"spoken": 12, "ignored": 14, "failed": 0, "pushed": 12},
    "created_at": _AT,
}

CONNECTOR: dict[str, Any] = {
    "name": "woocommerce",
    "title": "WooCommerce",
    "summary": "Speaks each product of a shop and puts the audio on its page.",
    "auth": "key",
    "address": {
        "name": "address",
        "label": "Shop address",
        "help": "The address of the shop's home page.",
        "example": "https://shop.example",
    },
    "credentials": [{"name": "consumer_key", "label": "Consumer key", "help": "", "example": "ck_1f0c…"}],
    "needs_hook_secret": False,
    "options": [
        {
            "name": "language",
            "type": "language",
            "label": "Language",
            "help": "auto, or a code such as de.",
            "default": "auto",
            "choices": [],
            "required": False,
        }
    ],
    "events": {"product.created": "A product was made."},
}

EVENT: dict[str, Any] = {
    "id": _EVENT,
    "name": "product.updated",
    "origin": "hook",
    "verdict": "spoken",
    "code": None,
    "sentence": None,
    "received_at": _AT,
    "generation_id": _JOB,
    "generation_status": "completed",
    "audio_url": f"{_HUB}/a/1QZk3vX0nS8mB7cD2eF5gH6j.mp3",
    "push": {"status": "pushed", "attempts": 1, "sentence": None, "next_at": None},
}

WAITING_EVENT: dict[str, Any] = {
    **EVENT,
    "verdict": "waiting",
    "generation_id": None,
    "generation_status": None,
    "audio_url": None,
    "push": None,
}

EVENTS: dict[str, Any] = {
    "data": [EVENT],
    "next_cursor": None,
    "refusals": [
        {
            "reason": "signature_mismatch",
            "sentence": "No live secret made this signature.",
            "count": 3,
            "first_at": _AT,
            "last_at": _AT,
        }
    ],
}

CHOICES: dict[str, Any] = {"data": [{"value": "664243617fcc8b464b23c4ee", "label": "Blog posts (Atlas)"}]}

AUTHORISE_FORM: dict[str, Any] = {
    "webflow": {
        "summary": "Every site that the owner allows",
        "value": {"connector": "webflow", "options": {"text": "{{ name }}. {{ body }}"}},
    }
}

AUTHORISE: dict[str, Any] = {
    "authorize_url": "https://platform.example/oauth/authorize?client_id=…&state=…",
    "expires_at": _AT,
}

WEBHOOK_FORM: dict[str, Any] = {
    "some": {
        "summary": "Two events",
        "value": {
            "url": "https://example.com/hook",
            "events": ["generation.completed", "generation.failed"],
        },
    }
}

WEBHOOK: dict[str, Any] = {
    "id": _ID,
    "url": "https://example.com/hook",
    "events": ["generation.completed", "generation.failed"],
    "description": "",
    "enabled": True,
    "disabled_reason": None,
    "failing_since": None,
    "public_key": None,
    "created_at": _AT,
}

WEBHOOK_MADE: dict[str, Any] = {**WEBHOOK, "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}

MESSAGE: dict[str, Any] = {
    "id": _EVENT,
    "event": "generation.completed",
    "status": "delivered",
    "generation_id": _JOB,
    "created_at": _AT,
    "next_at": None,
    "attempts": [{"at": _AT, "status": 200, "milliseconds": 84, "error": None, "response": "ok"}],
}

REPLAY_FORM: dict[str, Any] = {
    "since": {"summary": "All that failed since", "value": {"since": "2026-11-22T18:00:00Z"}},
    "one": {"summary": "One message", "value": {"message_id": _EVENT}},
}

FILL_PRICE: dict[str, Any] = {
    "total": 240,
    "seen": 240,
    "to_speak": 212,
    "unchanged": 12,
    "left_out": 15,
    "unreadable": 1,
    "credits": 10_600,
    "balance": 25_000,
}

FILL_AGREED: dict[str, Any] = {"agreed": {"summary": "Up to this price", "value": {"credits": 10_600}}}
