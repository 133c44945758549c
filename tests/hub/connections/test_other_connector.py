"""A connector is one folder: begun from the template it works through the hub, and nothing else is edited."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hub.connections.beginning import begin
from hub.connections.catalogue import catalogue
from hub.errors import Conflict, Unprocessable
from hub.settings import Settings
from hub.store.database import Database
from tests.connectors import test_contract as contract
from tests.connectors import test_refusals as refusals
from tests.connectors.fixtures import Fixture, read
from tests.databases import Prepare
from tests.hub.api.serving import serving
from tests.hub.connections.conftest import TickingClock, Workshop, workshop_on

OF_EVERY_FIXTURE: tuple[Callable[[Fixture], None], ...] = (
    contract.test_the_event_is_the_one_the_file_is_named_for,
    contract.test_what_comes_of_it_is_what_the_file_says,
    refusals.test_one_flipped_bit_is_refused,
    refusals.test_another_secret_is_refused,
    refusals.test_a_missing_signature_header_is_refused,
    refusals.test_an_old_delivery_is_refused_or_is_the_same_delivery,
    refusals.test_without_a_secret_nothing_gets_in,
    refusals.test_a_signed_body_that_is_no_object_is_unreadable,
    refusals.test_an_event_nobody_declared_is_ignored,
    refusals.test_wrong_types_never_break_it,
)
NOTE = {"id": 7, "status": "published", "title": "Buy milk", "body": "<p>Two litres.</p>"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    begin("pinboard", tmp_path / "their_platforms")
    return "their_platforms"


@pytest_asyncio.fixture
async def changed() -> AsyncIterator[tuple[str, list[Any]]]:
    """The platform's API, and what it was asked to change, by whom."""
    asked: list[Any] = []

    async def change(request: Request) -> JSONResponse:
        asked.append((request.url.path, request.headers["authorization"], await request.json()))
        return JSONResponse({})

    async with serving(Starlette(routes=[Route("/notes/{id}", change, methods=["PATCH"])])) as url:
        yield url, asked


async def test_a_folder_of_ones_own_works_from_the_form_to_the_page(
    tmp_path: Path,
    redis_url: str,
    prepare_sqlite: Prepare,
    package: str,
    changed: tuple[str, list[Any]],
) -> None:
    url, asked = changed
    database = Database(prepare_sqlite(tmp_path))
    settings = {"connector_packages": package, "stand_ins": {"https://api.pinboard.example": url}}
    async with workshop_on(database, tmp_path, redis_url, TickingClock(), **settings) as workshop:
        listed = await workshop.call("GET", "/v1/connectors")
        shown = {entry["name"]: entry for entry in listed["data"]}["pinboard"]
        assert (shown["title"], shown["credentials"][0]["name"]) == ("Pinboard", "token")
        form = {"connector": "pinboard", "credentials": {"token": "t0ken"}}
        made = await workshop.call("POST", "/v1/connections", 201, json=form)
        assert made["status"] == "live"
        assert await _sent(workshop, made, NOTE) == 200
        assert await _sent(workshop, {**made, "hook_secret": "another"}, NOTE) == 401
        await workshop.settle()
        assert await workshop.spoken() == ["Buy milk. Two litres."]
        ((path, credentials, body),) = asked
        assert (path, credentials) == ("/notes/7", "Bearer t0ken")
        assert (await workshop.client.get(body["audio_url"])).status_code == 200

        refused = await workshop.call("GET", f"/v1/connections/{made['id']}/backfill", 409)
        assert refused["detail"] == "Pinboard cannot be looked through."

        tested = await workshop.call("POST", f"/v1/connections/{made['id']}/test", 202)
        await workshop.settle()
        newest = (await workshop.events(made["id"]))[0]
        assert (newest["id"], newest["verdict"], newest["push"]) == (tested["id"], "spoken", None)
        assert len(asked) == 1, "a test event is spoken, and nothing is put back"
    await database.close()


async def _sent(workshop: Workshop, made: dict[str, Any], note: dict[str, Any]) -> int:
    body = json.dumps(note).encode()
    signature = b64encode(hmac.digest(made["hook_secret"].encode(), body, hashlib.sha256)).decode()
    headers = {
        "X-Pinboard-Signature": signature,
        "X-Pinboard-Delivery": "d-1",
        "X-Pinboard-Event": "note.published",
    }
    return (await workshop.client.post(made["hook_url"], content=body, headers=headers)).status_code


def test_what_is_begun_passes_the_contract(package: str) -> None:
    connector = catalogue(Settings(connector_packages=package, _env_file=None))["pinboard"]
    fixtures = [read(connector, path) for path in connector.fixtures]
    assert {fixture.event for fixture in fixtures} == {"note.published", "note.deleted"}
    for fixture in fixtures:
        for check in OF_EVERY_FIXTURE:
            check(fixture)
        for push in fixture.data.get("pushes", ()):
            contract.test_the_push_asks_what_the_file_says(fixture, push)
    contract.test_the_page_and_the_icon_can_be_shown(connector)
    contract.test_the_form_takes_its_own_defaults(connector)


def test_a_name_must_be_one_and_be_free(tmp_path: Path) -> None:
    with pytest.raises(Unprocessable, match="lower-case"):
        begin("Pin-Board", tmp_path)
    begin("pinboard", tmp_path)
    with pytest.raises(Conflict, match="already"):
        begin("pinboard", tmp_path)
    with pytest.raises(Conflict, match="already"):
        begin("woocommerce")


def test_the_catalogue_holds_our_own_too(package: str) -> None:
    known = catalogue(Settings(connector_packages=package, _env_file=None))
    assert {"pinboard", "woocommerce"} <= set(known)
