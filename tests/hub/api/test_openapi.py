"""The description is valid, committed, and true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.applications import Starlette
from starlette.routing import Route

from engine.languages import LANGUAGES
from hub.api.endpoints import ENDPOINTS
from hub.api.examples import PROBLEMS
from hub.api.openapi import document, rendered
from hub.hub import Hub
from hub.pages.routes import all_pages
from tests.hub.api.conftest import Customer, finished, ordered

COMMITTED = Path(__file__).parents[3] / "manifests" / "openapi.json"


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return document()


def test_it_is_valid(description: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(description).validate()


def test_the_committed_one_is_this_one() -> None:
    assert COMMITTED.read_text() == rendered(), "python -m hub.api.openapi > manifests/openapi.json"


async def test_it_is_served(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    assert answer.json() == json.loads(COMMITTED.read_text())


def test_every_route_comes_from_the_table(app: Starlette, description: dict[str, Any]) -> None:
    served = {route.path for route in app.routes if isinstance(route, Route)}
    pages = {page.path for page in all_pages()}
    assert served == pages | {endpoint.path for endpoint in ENDPOINTS}
    assert set(description["paths"]) == {endpoint.path for endpoint in ENDPOINTS if endpoint.public}


def test_every_endpoint_says_who_may_call_it(description: dict[str, Any]) -> None:
    for endpoint in ENDPOINTS:
        if not endpoint.public:
            continue
        operation = description["paths"][endpoint.path][endpoint.method.lower()]
        if endpoint.scope is None:
            assert operation["security"] == []
        else:
            assert endpoint.scope in operation["description"]
            assert {"401", "403", "429"} <= set(operation["responses"])


def _schema(description: dict[str, Any], schema: dict[str, Any]) -> OAS31Validator:
    return OAS31Validator({**schema, "components": description["components"]})


def test_every_example_fits_its_schema(description: dict[str, Any]) -> None:
    checked = 0
    for path in description["paths"].values():
        for operation in path.values():
            contents = [*operation.get("requestBody", {}).get("content", {}).values()]
            for answer in operation["responses"].values():
                contents += answer.get("content", {}).values()
            for content in contents:
                validator = _schema(description, content["schema"])
                examples = [example["value"] for example in content.get("examples", {}).values()]
                for example in [*examples, *([content["example"]] if "example" in content else [])]:
                    validator.validate(example)
                    checked += 1
    assert checked > 12


def test_every_problem_is_described(description: dict[str, Any]) -> None:
    used = {status for endpoint in ENDPOINTS for status in endpoint.errors} | {401, 403, 429, 500}
    assert used == set(PROBLEMS)
    for answer in description["components"]["responses"].values():
        (content,) = answer["content"].values()
        _schema(description, content["schema"]).validate(content["example"])


async def test_real_answers_fit_their_schemas(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, description: dict[str, Any]
) -> None:
    generation_id = await ordered(client, customer)
    await finished(hub, generation_id)
    await ordered(client, customer)
    for path, real in {
        "/v1/tts/status/{id}": f"/v1/tts/status/{generation_id}",
        "/v1/tts/generations": "/v1/tts/generations",
        "/v1/account": "/v1/account",
        "/v1/account/usage": "/v1/account/usage",
        "/v1/account/signing-secret": "/v1/account/signing-secret",
        "/v1/languages": "/v1/languages",
        "/healthz": "/healthz",
    }.items():
        answer = await client.get(real, headers=customer.headers)
        assert answer.status_code == 200, answer.text
        content = description["paths"][path]["get"]["responses"]["200"]["content"]
        _schema(description, content["application/json"]["schema"]).validate(answer.json())


def test_the_languages_are_listed(description: dict[str, Any]) -> None:
    fields = description["components"]["schemas"]["GenerateFields"]["properties"]
    assert fields["language"]["enum"] == ["auto", *LANGUAGES]


def test_a_recording_is_a_file_of_the_multipart_form_only(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    assert schemas["GenerateForm"]["properties"]["voice_ref"]["format"] == "binary"
    assert "voice_ref" not in schemas["GenerateFields"]["properties"]
