"""Failures on the wire: problem details (RFC 9457) with a `code` for machines and a `detail` for people."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from hub.errors import HubError, InsufficientCredits, Unprocessable

MEDIA_TYPE = "application/problem+json"


class PayloadTooLarge(HubError):
    status = 413
    code = "payload_too_large"


class RequestTimeout(HubError):
    status = 408
    code = "request_timeout"


class UnsupportedMediaType(HubError):
    status = 415
    code = "unsupported_media_type"


class RangeRefused(HubError):
    status = 416
    code = "range_not_satisfiable"


class NotReady(HubError):
    status = 503
    code = "not_ready"

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(f"Not ready: {', '.join(missing)} missing.", headers={"Retry-After": "5"})
        self.missing = missing


def problem_response(request: Request, error: HubError) -> JSONResponse:
    """The answer to a refused request."""
    body = problem_body(error, request_id=request.scope.get("state", {}).get("request_id", ""))
    if request.url.path in _OPENAI_PATHS:
        body["error"] = _as_openai_says_it(error)
    return JSONResponse(
        body,
        status_code=error.status,
        headers={"Cache-Control": "no-store", **error.headers},
        media_type=MEDIA_TYPE,
    )


_OPENAI_PATHS = frozenset({"/v1/audio/speech"})
"""Whose callers are OpenAI's clients, which show what stands in the member `error`."""


def _as_openai_says_it(error: HubError) -> dict[str, Any]:
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    param = error.field if isinstance(error, Unprocessable) else None
    return {"message": error.detail, "type": kind, "param": param, "code": error.code}


def problem_body(error: HubError, *, request_id: str) -> dict[str, Any]:
    return {
        "type": f"urn:sayhook:problem:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
        **_further_members(error),
    }


def http_error(status: int, headers: Mapping[str, str] | None) -> HubError:
    """What the router refuses by itself (unknown path, wrong method), as one of ours."""
    error = HubError(_ROUTER_WORDS.get(status, HTTPStatus(status).phrase), headers=headers)
    error.status = status
    error.code = HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
    return error


_ROUTER_WORDS = {
    404: "There is nothing at this address. GET /openapi.json lists every address.",
    405: "This address does not answer that method; the Allow header lists those it answers.",
}


def _further_members(error: HubError) -> dict[str, Any]:
    match error:
        case InsufficientCredits():
            return {"balance": error.balance, "price": error.price}
        case Unprocessable():
            return {"field": error.field}
        case NotReady():
            return {"missing": list(error.missing)}
    return {}
