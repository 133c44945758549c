"""`openapi.json`, made from the table of endpoints.

`python -m hub.api.openapi > manifests/openapi.json` writes it anew.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from hub.api.endpoint import Answer, Body, Endpoint
from hub.api.endpoints import ENDPOINTS
from hub.api.examples import PROBLEMS
from hub.api.fields import URLENCODED_TYPE
from hub.api.openapi_parts import HEADERS, INTRODUCTION, SECURITY_SCHEMES, TAGS
from hub.api.problems import MEDIA_TYPE
from hub.api.schemas.problem import Problem

VERSION = "1.0.0"
"""Of the API, not of the hub: it rises when an answer changes."""

_TEMPLATE = "#/components/schemas/{model}"
_RATE_HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def document() -> dict[str, Any]:
    """The whole description, without a server: it holds wherever it is served."""
    listed = [endpoint for endpoint in ENDPOINTS if endpoint.public]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sayhook",
            "version": VERSION,
            "summary": "Webhooks that speak.",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The hub that serves this description"}],
        "tags": TAGS,
        "security": [{"bearer": []}, {"apiKey": []}],
        "paths": _paths(listed),
        "components": {
            "schemas": _schemas(listed),
            "responses": {_name(status): _problem(status) for status in PROBLEMS},
            "headers": HEADERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


@cache
def rendered() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _paths(endpoints: list[Endpoint]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return paths


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.operation_id,
        "summary": endpoint.summary,
        "description": _description(endpoint),
        "tags": [endpoint.tag],
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint),
    }
    if endpoint.scope is None:
        operation["security"] = []
    else:
        operation["security"] = [{"bearer": []}, {"apiKey": []}, {"oauth": [endpoint.scope]}]
    if endpoint.body is not None:
        content = {media_type: _content(endpoint.body, media_type) for media_type in endpoint.body.models}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _description(endpoint: Endpoint) -> str:
    if endpoint.scope is None:
        return endpoint.description
    return f"{endpoint.description}\n\nNeeds the scope `{endpoint.scope}`."


def _content(body: Body, media_type: str) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": _reference(body.models[media_type])}
    return {**content, "examples": body.examples} if media_type != URLENCODED_TYPE else content


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    parameters = [_path_parameter(name) for name in re.findall(r"{(\w+)}", endpoint.path)]
    if endpoint.query is not None:
        schema = _tidied(endpoint.query.model_json_schema(ref_template=_TEMPLATE))
        parameters += [_query_parameter(name, given) for name, given in schema["properties"].items()]
    if endpoint.method == "POST" and endpoint.repeatable:
        parameters.append(_IDEMPOTENCY_KEY)
    return parameters


def _path_parameter(name: str) -> dict[str, Any]:
    schema = {"type": "string", **_PATH_PARAMETERS[name]}
    return {"name": name, "in": "path", "required": True, "schema": schema}


_PATH_PARAMETERS: dict[str, dict[str, Any]] = {
    "id": {"format": "uuid"},
    "event": {"format": "uuid"},
    "extension": {"examples": ["wav"]},
    "token": {"examples": ["1QZk3vX0nS8mB7cD2eF5gH6j"]},
    "connector": {"examples": ["woocommerce"]},
    "option": {"examples": ["collection"]},
}


def _query_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    words = schema.pop("description", "")
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Repeat a request with the same key within 24 hours and nothing happens twice: the first "
    "answer comes again, with `Idempotency-Replayed: true`.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    statuses = {*endpoint.errors, 500, *((401, 403, 429) if endpoint.scope else ())}
    responses = {str(status): _answer(endpoint, answer) for status, answer in endpoint.answers.items()}
    for status in sorted(statuses):
        responses[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    return responses


def _answer(endpoint: Endpoint, answer: Answer) -> dict[str, Any]:
    names = ("X-Request-Id", *answer.headers, *(_RATE_HEADERS if endpoint.scope else ()))
    response: dict[str, Any] = {"description": answer.description, "headers": _headers(names)}
    if answer.model is not None:
        response["content"] = {
            answer.media_type: {"schema": _reference(answer.model), "example": answer.example}
        }
    elif answer.media_type != "application/json":
        response["content"] = {answer.media_type: _bare_content(answer)}
    elif endpoint.path.endswith(".json"):
        response["content"] = {answer.media_type: {"schema": {"type": "object"}}}
    return response


def _bare_content(answer: Answer) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"type": "string"}}
    return {**content, "example": answer.example} if answer.example is not None else content


def _problem(status: int) -> dict[str, Any]:
    code, detail = PROBLEMS[status]
    example = {
        "type": f"urn:sayhook:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": "0b7c1d52-8f0e-4c6f-9d0a-0e4f3b1a2c77",
    }
    names = ("X-Request-Id", *_PROBLEM_HEADERS.get(status, ()))
    return {
        "description": HTTPStatus(status).phrase,
        "headers": _headers(names),
        "content": {MEDIA_TYPE: {"schema": _reference(Problem), "example": example}},
    }


_PROBLEM_HEADERS: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    416: ("Content-Range",),
    429: ("Retry-After", *_RATE_HEADERS),
    503: ("Retry-After",),
}


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _schemas(endpoints: list[Endpoint]) -> dict[str, Any]:
    answers = [answer.model for endpoint in endpoints for answer in endpoint.answers.values() if answer.model]
    bodies = [model for endpoint in endpoints if endpoint.body for model in endpoint.body.models.values()]
    modes: dict[type[BaseModel], JsonSchemaMode] = {
        **dict.fromkeys((Problem, *answers), "serialization"),
        **dict.fromkeys(bodies, "validation"),
    }
    _, together = models_json_schema([*modes.items()], ref_template=_TEMPLATE)
    definitions: dict[str, Any] = _tidied(together["$defs"])
    return definitions


def _tidied(schema: Any) -> Any:
    """Without the titles made from names and the defaults that only mean "absent"."""
    if isinstance(schema, list):
        return [_tidied(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: part if name in ("examples", "example") else _tidied(part)
        for name, part in schema.items()
        if not (name == "title" and isinstance(part, str)) and not (name == "default" and part is None)
    }


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


if __name__ == "__main__":
    sys.stdout.write(rendered())
