"""Webflow's own client works against the simulated Webflow, for every call we rely on."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn

from connectors.discovery import discover
from connectors.manifest import OAuth2
from connectors.webflow.api import SCOPES
from connectors.webflow.simulator import Simulator
from tests.npm import installed

FOLDER = Path(__file__).parent / "official"
BACK = "https://hub.example/oauth/webflow/callback"
HOOK = "https://hub.example/hooks/webflow/c1"
AUDIO = "https://hub.example/a/1.mp3"


@dataclass
class Served:
    """The simulated Webflow on a port, and the folder of the client that calls it."""

    simulator: Simulator
    home: str
    folder: Path

    @property
    def token(self) -> str:
        return self.simulator.credentials["access_token"]

    async def ask(self, *calls: list[Any]) -> list[Any]:
        return await self.ask_as(*((self.token, *call) for call in calls))

    async def ask_as(self, *calls: tuple[Any, ...]) -> list[Any]:
        """What each call answers; each begins with the token it is made with."""
        given = {"home": self.home, "calls": calls}
        node = await asyncio.create_subprocess_exec(
            "node", "calls.mjs", cwd=self.folder, stdin=-1, stdout=-1, stderr=-1
        )
        out, errors = await node.communicate(json.dumps(given).encode())
        assert node.returncode == 0, errors.decode()
        answers: list[Any] = json.loads(out)
        return [answer.get("result", answer) for answer in answers]


@pytest.fixture(scope="module")
def client_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client, installed from the package registry."""
    return installed(FOLDER, tmp_path_factory.mktemp("webflow") / "client")


@pytest.fixture
async def served(client_folder: Path) -> AsyncIterator[Served]:
    listener = socket.create_server(("127.0.0.1", 0))
    home = f"http://127.0.0.1:{listener.getsockname()[1]}"
    simulator = Simulator(home)
    server = uvicorn.Server(uvicorn.Config(simulator.app, lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield Served(simulator, home, client_folder)
    server.should_exit = True
    await task
    listener.close()


async def test_every_call_of_a_connection_s_life(served: Served) -> None:
    simulator = served.simulator
    site, posts = simulator.site, simulator.posts
    second = list(site.tags)[1]
    item = simulator.studio.create(posts, {"name": "Earth", "post-body": "<p>Blue.</p>"}, draft=False)
    unseen = simulator.studio.create(posts, {"name": "Draft"})
    plain = simulator.studio.add_collection(site, "Notes")
    write = {"fieldData": {"audio-url": AUDIO}}
    page = {"limit": 100, "offset": 0, "sortBy": "lastPublished", "sortOrder": "desc"}
    field = {"type": "Link", "displayName": "Audio URL", "isRequired": False, "helpText": "Filled"}
    answers = await served.ask(
        ["token.introspect"],
        ["sites.list"],
        ["collections.list", site.id],
        ["collections.get", plain.id],
        ["collections.fields.create", plain.id, field],
        ["collections.fields.create", plain.id, field],
        ["webhooks.create", site.id, {"triggerType": "collection_item_published", "url": HOOK}],
        ["webhooks.create", site.id, {"triggerType": "site_publish", "url": HOOK}],
        ["webhooks.list", site.id],
        ["collections.items.getItemLive", posts.id, item["id"], {}],
        ["collections.items.updateItem", posts.id, item["id"], write],
        ["collections.items.updateItemLive", posts.id, item["id"], write],
        ["collections.items.publishItem", posts.id, {"itemIds": [item["id"], "gone"]}],
        ["collections.items.updateItemLive", posts.id, item["id"], write],
        ["collections.items.getItem", posts.id, item["id"], {"cmsLocaleId": next(iter(site.tags))}],
        ["collections.items.getItem", posts.id, item["id"], {"cmsLocaleId": second}],
        ["collections.items.listItemsLive", posts.id, page],
        ["collections.items.updateItemLive", posts.id, unseen["id"], write],
        ["collections.items.updateItem", posts.id, item["id"], {"fieldData": {"audio-url": "no"}}],
        ["collections.items.updateItem", posts.id, item["id"], {"fieldData": {"gone": AUDIO}}],
        ["collections.items.listItemsLive", posts.id, {"limit": 101}],
    )  # fmt: skip
    scopes = answers[0]["authorization"]["scope"]
    assert scopes.split(",") == list(SCOPES)
    assert answers[1]["sites"][0]["locales"]["primary"]["tag"] == "en"
    assert [entry["slug"] for entry in answers[2]["collections"]] == ["blog-posts", "notes"]
    assert [entry["slug"] for entry in answers[3]["fields"]] == ["name", "slug"]
    assert answers[4]["slug"] == "audio-url"
    assert answers[5] == {"status": 409, "code": "conflict"}
    assert answers[8]["webhooks"] == answers[6:8]
    assert answers[9] == {"status": 404, "code": "item_not_found"}
    assert answers[10]["fieldData"]["audio-url"] == AUDIO
    assert answers[11] == {"status": 409, "code": "conflict"}
    assert answers[12]["publishedItemIds"] == [item["id"]]
    assert answers[12]["errors"] == ["Staging item ID gone not found."]
    assert answers[13]["lastPublished"] == answers[13]["lastUpdated"]
    assert answers[14]["fieldData"]["post-body"] == "<p>Blue.</p>"
    assert answers[15]["status"] == 404
    assert [entry["id"] for entry in answers[16]["items"]] == [item["id"]]
    assert answers[16]["pagination"] == {"limit": 100, "offset": 0, "total": 1}
    assert answers[17] == {"status": 409, "code": "conflict"}
    assert [answer["code"] for answer in answers[18:21]] == ["validation_error"] * 3
    hook = answers[6]["id"]
    gone = await served.ask(["webhooks.delete", hook], ["webhooks.get", hook], ["webhooks.delete", hook])
    assert gone == [
        None,
        {"status": 404, "code": "resource_not_found"},
        {"status": 404, "code": "resource_not_found"},
    ]


async def test_what_a_token_may_not_and_how_often_it_may(served: Served) -> None:
    simulator = served.simulator
    reader = simulator.oauth.allow(("cms:read", "sites:read"), (simulator.site.id,))
    stranger = simulator.oauth.allow(SCOPES, ())
    site, posts = simulator.site.id, simulator.posts.id
    hook = {"triggerType": "site_publish", "url": HOOK}
    answers = await served.ask_as(
        (reader, "webhooks.create", site, hook),
        (stranger, "sites.list"),
        (stranger, "collections.get", posts),
        ("nobody", "sites.list"),
        (served.token, "webhooks.create", site, {**hook, "url": "http://hub.example/h"}),
        (served.token, "webhooks.create", site, {**hook, "url": "ftp://a"}),
    )
    assert answers == [
        {"status": 403, "code": "missing_scopes"},
        {"sites": []},
        {"status": 403, "code": "forbidden"},
        {"status": 401, "code": "not_authorized"},
        {"status": 400, "code": "validation_error"},
        {"status": 400, "code": "validation_error"},
    ]
    simulator.oauth.rate = 3
    async with httpx.AsyncClient(base_url=served.home) as client:
        asked = {"authorization": f"Bearer {served.token}"}
        assert (await client.get("/v2/sites", headers=asked)).headers["x-ratelimit-remaining"] == "0"
        answer = await client.get("/v2/sites", headers=asked)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
        assert (answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) == ("3", "0")


async def test_the_owner_is_asked_as_webflow_s_own_client_asks(served: Served) -> None:
    """Our manifest's address is the client's own; a code works once; a token can be revoked."""
    auth = discover()["webflow"].manifest.auth
    assert isinstance(auth, OAuth2)
    app = served.simulator.oauth
    asked = {"clientId": app.client_id, "state": "st", "redirectUri": BACK, "scope": list(SCOPES)}
    (address,) = await served.ask(["authorizeURL", asked])
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == auth.authorize_url
    assert parse_qs(parts.query)["scope"] == [auth.scope_separator.join(auth.scopes)]
    async with httpx.AsyncClient(base_url=served.home) as client:
        sent = await client.get(f"{parts.path}?{parts.query}")
        back = urlsplit(sent.headers["location"])
        assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
        given = parse_qs(back.query)
        assert given["state"] == ["st"]
        code = {
            "clientId": app.client_id,
            "clientSecret": app.client_secret,
            "code": given["code"][0],
            "redirectUri": BACK,
        }
        token, again = await served.ask(["getAccessToken", code], ["getAccessToken", code])
        assert again == {"status": 400, "code": "invalid_grant"}
        allowed = {"authorization": f"Bearer {token}"}
        assert len((await client.get("/v2/sites", headers=allowed)).json()["sites"]) == 1
        ours = {"client_id": app.client_id, "client_secret": app.client_secret, "access_token": token}
        stranger = await client.post("/oauth/revoke_authorization", json={**ours, "client_secret": "no"})
        assert stranger.json()["error"] == "invalid_client"
        assert (await client.post("/oauth/revoke_authorization", json=ours)).json() == {"did_revoke": True}
        assert (await client.post("/oauth/revoke_authorization", data=ours)).json()[
            "error"
        ] == "invalid_token"
        assert (await client.get("/oauth/authorize?client_id=other")).status_code == 400
        greedy = f"{parts.path}?response_type=code&client_id={app.client_id}&scope=users:write"
        assert (await client.get(greedy)).status_code == 400
        assert (await client.get("/v2/sites", headers=allowed)).status_code == 401
