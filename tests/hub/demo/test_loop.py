"""What the demo does not take for success, and the commands around it."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from connectors.builders import builders
from connectors.connector import Connector
from connectors.discovery import discover
from hub.cli.main import app
from hub.demo import builder_loop, loop
from hub.demo.loop import DemoFailed, Evidence

PAGE = "http://shop.test/product/mug/"


def wav(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, 24_000, format="WAV")
    return file.getvalue()


TONE = (0.2 * np.sin(np.arange(24_000) / 10)).astype(np.float32)


def client(answer: httpx.Response) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(lambda request: answer))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(404), "answers 404"),
        (httpx.Response(200, content=b"<html>no audio</html>"), "cannot be decoded"),
        (httpx.Response(200, content=wav(np.zeros(24_000, np.float32))), "nothing to hear"),
        (httpx.Response(200, content=wav(TONE[:1000])), "nothing to hear"),
    ],
)
async def test_audio_that_does_not_play_is_no_success(answer: httpx.Response, words: str) -> None:
    async with client(answer) as asked:
        with pytest.raises(DemoFailed, match=words):
            await loop.check_plays(asked, "http://hub.test/a/token.mp3")


async def test_audio_that_plays_is(tmp_path: Path) -> None:
    async with client(httpx.Response(200, content=wav(TONE))) as asked:
        await loop.check_plays(asked, "http://hub.test/a/token.mp3")
    shown = '<main><audio controls\n src="/a/token.mp3?x=1&amp;y=2"></audio></main>'
    async with client(httpx.Response(200, text=shown)) as asked:
        assert await loop._found(asked, PAGE, tmp_path) == "http://shop.test/a/token.mp3?x=1&y=2"


async def test_a_page_without_audio_ends_the_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hub.log").write_text("what the hub said")
    monkeypatch.setattr(loop, "HEARD_SECONDS", 0.5)
    async with client(httpx.Response(200, text="<h1>Mug</h1>")) as asked:
        with pytest.raises(DemoFailed, match="what the hub said"):
            await loop._found(asked, PAGE, tmp_path)


async def test_each_simulator_comes_up_with_what_a_hub_needs_to_know(tmp_path: Path) -> None:
    for connector in discover().values():
        async with asyncio.timeout(20), loop._simulated(connector) as (simulator, home):
            settings = loop._settings(connector, simulator, home, tmp_path, tmp_path)
            assert connector.manifest.is_joined_there == bool(settings.apps)
            assert set(settings.stand_ins.values()) <= {home}


@pytest.mark.parametrize("name", sorted(builders()))
async def test_what_a_builders_flow_is_told_is_found(name: str, tmp_path: Path) -> None:
    async with loop.served(builders()[name].simulator) as (simulator, home):
        url = simulator.opened()
        assert url.startswith(home)
        async with httpx.AsyncClient() as hub:
            await hub.post(url, json={"id": "g1"})
        assert (await builder_loop._told(simulator, url, tmp_path))["id"] == "g1"


@pytest.mark.usefixtures("models_folder")
def test_the_command_tells_machines_what_was_heard_and_people_why_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evidence = Evidence("woocommerce", PAGE, "g1", "http://shop.test/a/token.mp3", PAGE, 2.5, True)

    async def heard(connector: Connector, models: Path, say: loop.Say) -> Evidence:
        if connector.name != evidence.connector:
            raise DemoFailed(f"{connector.name} said nothing")
        say("Listening")
        return evidence

    monkeypatch.setattr(loop, "demonstrate", heard)
    done = CliRunner().invoke(app, ["demo", "woocommerce", "--json"])
    assert (done.exit_code, json.loads(done.stdout)) == (0, evidence.document())
    assert set(evidence.document()) == {
        *("connector", "sent", "generation_id", "audio_url", "found_at", "seconds", "played"),
    }
    assert "Listening …" in done.stderr
    silent = CliRunner().invoke(app, ["demo", "shopify"])
    assert (silent.exit_code, silent.stdout) == (1, "")
    assert "shopify said nothing" in silent.stderr


def test_the_commands_tell_what_there_is(tmp_path: Path) -> None:
    run = CliRunner().invoke
    listed = run(app, ["connectors"])
    assert "woocommerce" in listed.output
    assert "woocommerce" in run(app, ["connectors", "list", "--json"]).output
    asked = run(app, ["demo"])
    assert asked.exit_code == 2
    assert "woocommerce" in asked.output
    assert "zapier" in asked.output
    assert "all of them: all" in asked.output
    made = run(app, ["connectors", "new", "pinboard", "--in", str(tmp_path)])
    assert made.exit_code == 0, made.output
    assert (tmp_path / "pinboard" / "connector.toml").read_text().startswith('name = "Pinboard"')
