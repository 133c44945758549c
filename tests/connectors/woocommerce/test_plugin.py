"""The WordPress plugin, run by PHP: what a shop shows, who may store what, and that nothing is announced."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from connectors.woocommerce import QUIET_KEY

PLUGIN = Path(__file__).parents[3] / "manifests/woocommerce"
SCRIPTS = Path(__file__).parent / "wordpress"
AUDIO = "https://hub.example/a/token.mp3?v=1&x=2"
PLAYER = (
    '<figure class="sayhook-audio"><figcaption>Listen to this description</figcaption>'
    '<audio controls preload="none" aria-label="Listen to this description" '
    'src="https://hub.example/a/token.mp3?v=1&#038;x=2"></audio></figure>'
)


def php(*arguments: str | Path, sent: str = "") -> str:
    found = shutil.which("php")
    assert found, "php is missing: install php-cli"
    command = [found, *map(str, arguments)]
    done = subprocess.run(command, input=sent, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(php(SCRIPTS / "plugin.php", PLUGIN))
    return found


def test_every_file_is_php() -> None:
    files = sorted(PLUGIN.rglob("*.php"))
    assert len(files) >= 5
    for file in files:
        assert "No syntax errors" in php("-l", file)


def test_the_player_is_shown_by_hook_shortcode_and_block(told: dict[str, Any]) -> None:
    assert told["before"] == ["", "", ""]
    assert told["after"] == [PLAYER] * 4
    assert told["order"] == [25], "between the short description (20) and the cart button (30)"


def test_the_quiet_route_stores_and_announces_nothing(told: dict[str, Any]) -> None:
    assert told["stored"] == [200, {"id": 794, "url": AUDIO}]
    assert told["meta"] == {QUIET_KEY: AUDIO, "_sayhook_source_hash": "ab12"}
    assert told["ran"] == [], "a product that is saved runs woocommerce_update_product"


def test_who_may_not_and_what_is_no_address_is_refused(told: dict[str, Any]) -> None:
    assert told["refused"] == [
        [401, "rest_forbidden"],
        [404, "sayhook_not_found"],
        [400, "rest_missing_callback_param"],
        [400, "rest_invalid_param"],
        [400, "rest_invalid_param"],
        [400, "rest_invalid_param"],
        [401, "rest_forbidden"],
        [404, "rest_no_route"],
    ]


def test_what_is_not_public_or_not_an_address_is_not_shown(told: dict[str, Any]) -> None:
    assert told["hidden"] == ["", ""]
    assert told["hostile"] == ["", ""]
    (source,) = re.findall(r'src="([^"]*)"', told["quoted"])
    assert told["quoted"].count('"') == PLAYER.count('"')
    assert "<script" not in source


def test_a_hub_in_the_shop_s_own_network_can_be_called_when_it_is_named(told: dict[str, Any]) -> None:
    assert told["outside"] is False
    assert told["inside"] == [True, False, [443, 8443], [443]]


def test_nothing_is_left_behind(told: dict[str, Any]) -> None:
    assert told["forgotten"] == [200, {"id": 794}]
    assert told["gone"] == []
    assert told["left"] == []
    price = {"794": {"_price": "9.90"}}
    assert told["network"] == [1, price, price], "on no site of a network, and only ours"


def test_its_papers_agree() -> None:
    main = (PLUGIN / "sayhook-audio.php").read_text("utf-8")
    readme = (PLUGIN / "readme.txt").read_text("utf-8")

    def said(field: str, text: str) -> str:
        found = re.search(rf"{field}:\s+(\S+)", text)
        assert found, field
        return found[1]

    assert said("Version", main) == said("Stable tag", readme)
    for field in ("Requires at least", "Requires PHP", "License"):
        assert said(field, main) == said(field, readme)
    block = json.loads((PLUGIN / "blocks/player/block.json").read_text("utf-8"))
    assert (block["name"], block["usesContext"]) == ("sayhook/player", ["postId"])
    assert "[sayhook_player]" in readme
