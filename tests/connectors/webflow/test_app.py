"""What is filled in at Webflow, and what is pasted into a site, are what the connector counts on."""

from __future__ import annotations

import tomllib
from pathlib import Path

from connectors.discovery import discover
from connectors.manifest import OAuth2
from connectors.webflow.api import SCOPES
from connectors.webflow.simulator import PLAYER

FOLDER = Path(__file__).parents[3] / "manifests" / "webflow"


def test_the_app_asks_for_exactly_what_the_connector_uses() -> None:
    app = tomllib.loads((FOLDER / "app.toml").read_text("utf-8"))
    auth = discover()["webflow"].manifest.auth
    assert isinstance(auth, OAuth2)
    assert tuple(app["data_client"]["scopes"]) == tuple(auth.scopes) == SCOPES
    assert len(app["name"]) <= 30
    assert app["data_client"]["redirect_uris"] == ["https://voice.example.com/connect/webflow/callback"]


def test_the_player_is_the_one_that_is_tried_in_the_simulated_site() -> None:
    written = (FOLDER / "player.html").read_text("utf-8")
    assert written == PLAYER
    assert written in discover()["webflow"].page.text, "as the owner is told to paste it"
    assert written.count("AUDIO_ADDRESS") == 1
    assert "<script" not in written
