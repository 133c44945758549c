"""The parts of `openapi.json` that no endpoint owns: introduction, tags, headers, security."""

from __future__ import annotations

from typing import Any

from hub.accounts import SCOPES

INTRODUCTION = """\
Text in, speech out. Order speech with `POST /v1/tts/generate`, ask `status_url` until it is completed,
fetch `output_url`.

Send your API key as `Authorization: Bearer …` or as `X-API-Key`. Failures are problem details (RFC 9457)
with a `code` for programs and a `detail` for people. Times are RFC 3339 in UTC. Every answer carries
`X-Request-Id`.

Scopes a key may have:

""" + "\n".join(f"- `{scope}`: {words}" for scope, words in SCOPES.items())

TAGS = [
    {"name": "Speech", "description": "Order it, wait for it, fetch it."},
    {"name": "Voices", "description": "Voices kept under a name."},
    {"name": "Generations", "description": "What was ordered before."},
    {"name": "Connections", "description": "Platforms whose events are spoken, and put back there."},
    {"name": "Webhooks", "description": "Where this account wants its events sent."},
    {"name": "Builders", "description": "For Zapier, Make and their like: one flat shape, and hooks."},
    {"name": "Hooks", "description": "What platforms call, and what their pages play."},
    {"name": "Account", "description": "Credits, limits, usage and the callback secret."},
    {"name": "Languages", "description": "What can be spoken, and how well."},
    {"name": "Operation", "description": "For whoever runs the hub."},
]

SECURITY_SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, or an OAuth access token."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same API key."},
    "oauth": {
        "type": "oauth2",
        "description": "For apps that act for other people; `docs/oauth.md` tells how.",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "/oauth/authorize",
                "tokenUrl": "/oauth/token",
                "refreshUrl": "/oauth/token",
                "scopes": dict(SCOPES),
            }
        },
    },
}


def _header(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}}


def _number(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "integer", "minimum": 0}}


HEADERS: dict[str, Any] = {
    "X-Request-Id": _header("Names this request; quote it when you ask for help."),
    "Location": _header("Where to ask for the status.", format="uri"),
    "Generation-Id": _header("The generation whose audio this is.", format="uuid"),
    "Idempotency-Replayed": _header("`true` when this is the first answer again.", enum=["true"]),
    "RateLimit-Limit": _number("Requests allowed in a minute."),
    "RateLimit-Remaining": _number("Requests left in the running minute."),
    "RateLimit-Reset": _number("Seconds until the oldest counted request is forgotten."),
    "Retry-After": _number("Seconds to wait before trying again."),
    "WWW-Authenticate": _header("How to authenticate."),
    "ETag": _header("Names this very file."),
    "Accept-Ranges": _header("Parts may be asked for.", enum=["bytes"]),
    "Content-Range": _header("Which part this is, and the size of the whole."),
    "Content-Disposition": _header("The name to save the file under."),
}
