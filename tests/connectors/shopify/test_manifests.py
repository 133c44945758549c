"""What a shop installs fits the connector, and Shopify's theme check finds nothing to say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from connectors.manifest import OAuth2
from connectors.plain import OUR_PLAYER
from connectors.shopify import TOPICS
from connectors.shopify.documents import API_VERSION, HASH_KEY, URL_KEY
from connectors.shopify.simulator import Simulator
from tests.connectors.shopify.shops import HOME, SHOPIFY

pytestmark = pytest.mark.xdist_group("shopify")  # one installation of the libraries for all

MANIFESTS = Path(__file__).parents[3] / "manifests" / "shopify"
EXTENSION = MANIFESTS / "extensions" / "voiceover"
APP = tomllib.loads((MANIFESTS / "shopify.app.toml").read_text("utf-8"))
BLOCK = (EXTENSION / "blocks" / "player.liquid").read_text("utf-8")


def test_the_app_asks_for_what_the_connector_needs() -> None:
    auth = SHOPIFY.manifest.auth
    assert isinstance(auth, OAuth2)
    assert APP["access_scopes"]["scopes"].split(",") == auth.scopes
    assert re.fullmatch(r"[0-9a-f]{32}", APP["client_id"])
    assert len(APP["name"]) <= 30
    assert APP["embedded"] is False
    home = urlsplit(APP["application_url"]).netloc
    assert [urlsplit(url).netloc for url in APP["auth"]["redirect_urls"]] == [home]


def test_its_webhooks_go_where_the_connector_listens() -> None:
    assert APP["webhooks"]["api_version"] == API_VERSION
    subscriptions = APP["webhooks"]["subscriptions"]
    paths = {urlsplit(one["uri"]).path for one in subscriptions}
    assert paths == {SHOPIFY.hook_path("any")}
    topics = [topic for one in subscriptions for topic in (one.get("topics") or one["compliance_topics"])]
    events = SHOPIFY.manifest.events
    assert events is not None
    assert {*topics} <= {*events.handled, *events.ignored}
    asked = next(one for one in subscriptions if "compliance_topics" in one)["compliance_topics"]
    assert asked == ["customers/data_request", "customers/redact", "shop/redact"]
    uninstalled = next(one for one in subscriptions if "topics" in one)
    assert tuple(uninstalled["include_fields"]) == TOPICS["APP_UNINSTALLED"]


def test_the_metafields_are_those_the_connector_writes() -> None:
    declared = APP["product"]["metafields"]["app"]
    assert {name: field["type"] for name, field in declared.items()} == {
        URL_KEY: "url",
        HASH_KEY: "single_line_text_field",
    }
    assert f"product.metafields.app.{URL_KEY}.value" in BLOCK


def test_the_block_s_settings_can_be_shown_in_every_language() -> None:
    schema = _schema()
    assert schema["target"] == "section"
    assert schema["enabled_on"] == {"templates": ["product"]}
    assert (EXTENSION / "assets" / schema["stylesheet"]).is_file()
    named = set(re.findall(r'"t:([a-z_.]+)"', BLOCK))
    for path in (EXTENSION / "locales").glob("*.schema.json"):
        words = json.loads(path.read_text("utf-8"))["block"]
        assert {f"block.{name}" for name in words} == named, path.name
        assert len(words["name"]) <= 25
    defaults = {setting["id"]: setting.get("default") for setting in schema["settings"]}
    assert defaults == {"product": None, "label": "Listen to this product", "look": "plain", "space": 16}


def test_the_player_can_be_used_by_everybody() -> None:
    """Named for screen readers, by keyboard, without scripts, and nothing is loaded until it is played."""
    assert OUR_PLAYER in BLOCK
    assert 'aria-labelledby="sayhook-{{ block.id }}"' in BLOCK
    assert 'id="sayhook-{{ block.id }}"' in BLOCK
    assert "controls\n" in BLOCK
    assert 'preload="none"' in BLOCK
    assert "<script" not in BLOCK
    style = (EXTENSION / "assets" / "player.css").read_text("utf-8")
    assert "min-height: 44px" in style
    assert "focus-visible" in style


@pytest.mark.timeout(300)
def test_theme_check_has_nothing_to_say(official: Path, tmp_path: Path) -> None:
    told = _theme_check(official, EXTENSION)
    assert told["offences"] == []
    assert told["files"] >= 5
    assert told["checks"] > 30
    spoilt = tmp_path / "voiceover"
    shutil.copytree(EXTENSION, spoilt)
    block = BLOCK.replace("audio_url | escape", "audio_url | escaped").replace('"range"', '"slider"')
    (spoilt / "blocks" / "player.liquid").write_text(block, "utf-8")
    assert len(_theme_check(official, spoilt)["offences"]) >= 2


def test_the_player_is_there_for_products_with_audio_alone(official: Path) -> None:
    """Rendered as a theme would, with an owner's label that is no markup."""
    url = 'https://hub.example/a.mp3?x=1&y="2'
    product = {"title": "Mug", "metafields": {"app": {URL_KEY: {"value": url}}}}
    settings = {"label": "Listen & <b>hear</b>", "look": "framed", "space": 16}
    shown = _rendered(official, {**settings, "product": product})
    player = shown.css_first("figure audio")
    assert player is not None
    assert player.attributes["src"] == url
    named = shown.css_first(f"#{player.attributes['aria-labelledby']}")
    assert named is not None
    assert named.text() == settings["label"]
    silent = _rendered(official, {**settings, "product": {"title": "Mug", "metafields": {"app": {}}}})
    assert silent.css_first("figure") is None
    assert silent.body is not None
    assert silent.body.text().strip() == ""
    edited = _rendered(official, settings, request={"design_mode": True})
    assert "as soon as this product has audio" in (edited.html or "")


async def test_the_simulated_storefront_shows_the_block(official: Path) -> None:
    url = "https://hub.example/a.mp3?x=1&y=2"
    simulator = Simulator(HOME)
    product = simulator.shop.create({"title": 'A "blue" mug'})
    place = {"namespace": "app--4028497", "key": URL_KEY, "type": "url"}
    simulator.shop.write_metafields(product, [{**place, "value": url}])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(simulator.app)) as client:
        page = await client.get(f"{HOME}/products/{product.fields['handle']}")
    data = {"title": product.fields["title"], "metafields": {"app": {URL_KEY: {"value": url}}}}
    settings = {setting["id"]: setting.get("default") for setting in _schema()["settings"]}
    block = _rendered(official, {**settings, "product": data}, id="player")
    assert _tree(LexborHTMLParser(page.text)) == _tree(block)


def _tree(page: LexborHTMLParser) -> list[Any]:
    """Every element of the player, its attributes and its own words."""
    figure = page.css_first("figure")
    assert figure is not None
    elements = [figure, *figure.css("*")]
    return [(one.tag, dict(one.attributes), one.text(deep=False).strip()) for one in elements]


def _rendered(official: Path, settings: dict[str, Any], *, id: str = "b1", **scope: Any) -> LexborHTMLParser:
    block = {"id": id, "settings": settings}
    done = subprocess.run(
        ["node", "render.mjs", str(EXTENSION), json.dumps({"block": block, **scope})],
        cwd=official,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return LexborHTMLParser(done.stdout)


def _theme_check(official: Path, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        ["node", "themes.mjs", str(folder.resolve())],
        cwd=official,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _schema() -> dict[str, Any]:
    found = re.search(r"{% schema %}(.*){% endschema %}", BLOCK, re.DOTALL)
    assert found is not None
    schema: dict[str, Any] = json.loads(found[1])
    return schema
