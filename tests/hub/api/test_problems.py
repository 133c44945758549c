"""Refusals all look alike, whoever refuses."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from starlette.applications import Starlette

from hub.hub import Hub
from hub.store.database import Database
from tests.hub.api.conftest import Customer

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def check(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert set(problem) >= MEMBERS
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["type"] == f"urn:sayhook:problem:{code}"
    return problem


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/tts/generate/", "/static/none.css", "/v1/audio/x"])
async def test_unknown_addresses(client: httpx.AsyncClient, path: str) -> None:
    check(await client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/tts/generate", "POST"),
        ("POST", "/v1/account", "GET, HEAD"),
        ("PUT", "/v1/audio/x.wav", "GET, OPTIONS, HEAD"),
        ("BREW", "/healthz", "GET, HEAD"),
    ],
)
async def test_wrong_methods(client: httpx.AsyncClient, method: str, path: str, allowed: str) -> None:
    answer = await client.request(method, path)
    check(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


async def test_what_nobody_expected_says_nothing_private(
    app: Starlette, hub: Hub, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Database) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(Database, "reading", broken)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        with structlog.testing.capture_logs() as logged:
            answer = await client.get("/v1/account", headers=customer.headers)
            await client.get("/a/nobody-knows-this-token.mp3")
    check(answer, 500, "internal_error")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    failed = [entry for entry in logged if entry["event"] == "request_failed"]
    assert [entry["route"] for entry in failed] == ["/v1/account", "/a/{token}.{extension}"]
    assert all(entry["exc_info"] for entry in failed)
    assert customer.key not in repr(failed)
    assert "nobody-knows-this-token" not in repr(failed)


async def test_every_answer_has_its_own_request_id(client: httpx.AsyncClient) -> None:
    ids = {
        (await client.get(path)).headers["x-request-id"] for path in ("/", "/healthz", "/none", "/v1/account")
    }
    assert len(ids) == 4
    for request_id in ids:
        UUID(request_id)


@pytest.mark.parametrize(
    ("given", "kept"), [("trace-1234", True), ("short", False), ("x" * 129, False), ("a b c d e f", False)]
)
async def test_a_request_id_of_the_sender_is_kept_when_it_is_one(
    client: httpx.AsyncClient, given: str, kept: bool
) -> None:
    answer = await client.get("/v1/account", headers={"X-Request-Id": given})
    assert (answer.json()["request_id"] == given) is kept


async def test_browsers_are_told_to_trust_nothing(client: httpx.AsyncClient) -> None:
    for path in ("/", "/v1/account", "/healthz"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]


async def test_the_landing_page_needs_nothing_inline(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "http://hub.test/v1/tts/generate" in page.text
    assert not re.search(r"<style|<script(?! src=)|style=|\son\w+=", page.text)
    for address in re.findall(r'(?:href|src)="([^"]+)"', page.text):
        if address != "/readyz":
            assert (await client.get(address)).status_code == 200, address


async def test_the_landing_page_escapes_the_host(client: httpx.AsyncClient) -> None:
    page = await client.get("/", headers={"Host": 'x"><b>'})
    assert "<b>" not in page.text
