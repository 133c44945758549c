"""Whatever is sent, the answer is a 202 or a refusal in plain words, on either database."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from hub.api.app import create_app
from hub.api.schemas.generate import GenerateForm
from hub.hub import Hub
from tests.hub.api.conftest import Customer, new_customer

GENERATE = "/v1/tts/generate"
ODD = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

names = st.one_of(st.sampled_from(sorted(GenerateForm.model_fields)), st.text(max_size=5))
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=20)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
media_types = st.sampled_from(
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "x",
        "",
    ]
)
answers_seen = {202, 400, 402, 413, 415, 422, 429}


@pytest_asyncio.fixture
async def wealthy(either_hub: Hub) -> Customer:
    return await new_customer(either_hub, "rich@example.com", credits=10**8)


@pytest_asyncio.fixture
async def either_app(either_hub: Hub) -> Any:
    app = create_app(either_hub)
    yield app
    await app.state.rates.close()


async def send(app: Starlette, customer: Customer, **sent: Any) -> httpx.Response:
    headers = {**customer.headers, **sent.pop("headers", {})}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
        return await client.post(GENERATE, headers=headers, **sent)


@ODD
@given(fields=st.dictionaries(names, values, max_size=6), text=st.text(max_size=30))
async def test_odd_json(either_app: Starlette, wealthy: Customer, fields: dict[str, Any], text: str) -> None:
    answer = await send(either_app, wealthy, json={"text": text, **fields})
    assert answer.status_code in answers_seen, (answer.text, fields)


@ODD
@given(fields=st.dictionaries(names, st.text(max_size=20), max_size=6), text=st.text(max_size=30))
async def test_odd_forms(either_app: Starlette, wealthy: Customer, fields: dict[str, str], text: str) -> None:
    answer = await send(either_app, wealthy, data={"text": text, **fields})
    assert answer.status_code in answers_seen, (answer.text, fields)


@ODD
@given(body=st.binary(max_size=200), media_type=media_types)
async def test_odd_bytes(either_app: Starlette, wealthy: Customer, body: bytes, media_type: str) -> None:
    for content in (body, b"--x" + body, base64.b64encode(body)):
        answer = await send(either_app, wealthy, content=content, headers={"Content-Type": media_type})
        assert answer.status_code in answers_seen, answer.text


@ODD
@given(name=st.text(max_size=20), value=st.binary(max_size=60), file_name=st.text(max_size=10))
async def test_odd_multipart(
    either_app: Starlette, wealthy: Customer, name: str, value: bytes, file_name: str
) -> None:
    answer = await send(
        either_app, wealthy, data={"text": "Hello."}, files={name or "voice_ref": (file_name, value)}
    )
    assert answer.status_code in answers_seen, answer.text


@ODD
@given(
    path=st.sampled_from(["/v1/tts/generations", "/v1/account/usage", "/v1/audio/x.wav"]),
    query=st.dictionaries(
        st.sampled_from(["limit", "cursor", "status", "mode", "source", "days", "expires", "signature"]),
        st.text(max_size=20),
    ),
)
async def test_odd_queries(
    either_app: Starlette, wealthy: Customer, path: str, query: dict[str, str]
) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(either_app), base_url="http://hub.test"
    ) as client:
        answer = await client.get(path, params=query, headers=wealthy.headers)
    assert answer.status_code in {200, 404, 422, 429}, (answer.text, query)


async def test_a_field_that_is_not_known_is_named(client: httpx.AsyncClient, customer: Customer) -> None:
    """Where a misspelt field must not be passed over, its refusal says which fields there are."""
    sent = {"connector": "woocommerce", "optoins": {}}
    answer = await client.post("/v1/connections", json=sent, headers=customer.headers)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("optoins: is not known here. The fields are connector, name,")
