"""One round: a hub is started, the simulated platform connected, its owner acts, and the page must play."""

from __future__ import annotations

import asyncio
import html
import io
import json
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urljoin

import httpx
import soundfile
import uvicorn
from sqlalchemy import select

from connectors.connector import Connector
from connectors.simulation import SetUpByHand, Simulator
from hub.accounts import list_accounts
from hub.connections.connecting import establish
from hub.connections.form import Filled, credential_fields
from hub.connections.hooks import hook_of
from hub.connections.targets import lasting_url
from hub.demo import chromium
from hub.errors import Conflict
from hub.hub import Hub, open_hub
from hub.serve.readiness import missing_parts
from hub.settings import App, Settings
from hub.store.connection_tables import TargetRecord
from hub.store.tables import Generation

START_SECONDS: Final = 180.0
HEARD_SECONDS: Final = 180.0
LOOK_SECONDS: Final = 0.25
_QUIETEST: Final = 0.01
_HOST: Final = "127.0.0.1"
_OF_THE_APP: Final = ("client_id", "client_secret", "app_hook_secret")
_AUDIO = re.compile(r"""<audio\b[^>]*?\bsrc\s*=\s*["']([^"']+)["']""", re.IGNORECASE)

Say = Callable[[str], None]


class DemoFailed(Exception):
    """The audio did not arrive, or does not play; the sentence says how far it got."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was sent, what it became, and where it was heard. `seconds` from the event to the sound.

    `played`: whether a browser played it on that page; if not, it was fetched and decoded.
    """

    connector: str
    sent: str
    generation_id: str
    audio_url: str
    found_at: str
    seconds: float
    played: bool

    def document(self) -> dict[str, Any]:
        return asdict(self)


async def demonstrate(connector: Connector, models: Path, say: Say) -> Evidence:
    """Raises DemoFailed unless the audio is on the simulated platform's own page and plays."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sayhook-demo-")))
        simulator, home = await stack.enter_async_context(_simulated(connector))
        settings = _settings(connector, simulator, home, folder, models)
        say("Starting a hub")
        await stack.enter_async_context(running_hub(settings, folder))
        hub = await stack.enter_async_context(open_hub(settings))
        say(f"Connecting the simulated {connector.manifest.name}")
        await _connect(hub, connector, simulator, home)
        say("Sending its event")
        began = time.monotonic()
        page = urljoin(home, await simulator.act())
        say("Waiting for the audio to arrive on its page")
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30))
        audio_url = await _found(client, page, folder)
        content = await check_plays(client, audio_url)
        seconds = round(time.monotonic() - began, 2)
        played = await _play(page, say)
        return Evidence(
            connector=connector.name,
            sent=page,
            generation_id=await _generation(hub, client, audio_url, content),
            audio_url=audio_url,
            found_at=page,
            seconds=seconds,
            played=played,
        )


def _settings(connector: Connector, simulator: Simulator, home: str, folder: Path, models: Path) -> Settings:
    given = simulator.credentials
    signs = given.get("app_hook_secret")
    app = App(
        client_id=given.get("client_id", ""),
        client_secret=given.get("client_secret", ""),
        hook_secrets=(signs,) if signs else (),
    )
    return Settings(
        data=folder / "data",
        models=models,
        port=_free_port(),
        allow_private_callbacks=True,
        sweep_interval=1.0,
        apps={connector.name: app} if app.client_id else {},
        stand_ins=dict.fromkeys(simulator.stands_for, home),
        connector_packages=Settings().connector_packages,
        _env_file=None,
    )


def demo_settings(folder: Path, models: Path) -> Settings:
    """Of a hub that nothing needs to be set up for."""
    return Settings(
        data=folder / "data",
        models=models,
        port=_free_port(),
        allow_private_callbacks=True,
        sweep_interval=1.0,
        _env_file=None,
    )


@asynccontextmanager
async def _simulated(connector: Connector) -> AsyncIterator[tuple[Simulator, str]]:
    """The platform's stand-in at its address."""

    def made(home: str) -> Simulator:
        simulator = connector.simulator(home)
        if simulator is None:
            raise Conflict(f"{connector.manifest.name} has no simulator, so there is nothing to show.")
        return simulator

    async with served(made) as found:
        yield found


class _Served(Protocol):
    @property
    def app(self) -> Any: ...


S = TypeVar("S", bound=_Served)


@asynccontextmanager
async def served(make: Callable[[str], S]) -> AsyncIterator[tuple[S, str]]:
    """What `make` makes for the address that it is served at, and that address."""
    with socket.create_server((_HOST, 0)) as listener:
        home = f"http://{_HOST}:{listener.getsockname()[1]}"
        simulator = make(home)
        config = uvicorn.Config(simulator.app, log_config=None, access_log=False, lifespan="on", ws="none")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
        try:
            yield simulator, home
        finally:
            server.should_exit = server.force_exit = True
            await serving


@asynccontextmanager
async def running_hub(settings: Settings, folder: Path) -> AsyncIterator[None]:
    """`sayhook serve` with a data folder of its own, ready; stopped at the end of the block."""
    log = folder / "hub.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hub", "serve", "--stop-with-parent"),
            env=_environment(settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while await asyncio.to_thread(missing_parts, _HOST, settings.port):
            if process.returncode is not None or time.monotonic() > deadline:
                raise DemoFailed(f"The hub did not start. It said:\n{tail(log)}")
            await asyncio.sleep(LOOK_SECONDS)
        # The first account is made last.
        while "shk_" not in log.read_text("utf-8", "replace"):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(LOOK_SECONDS)
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


def _environment(settings: Settings) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAYHOOK_")}
    apps = {
        name: {
            "client_id": app.client_id,
            "client_secret": app.client_secret.get_secret_value(),
            "hook_secrets": [secret.get_secret_value() for secret in app.hook_secrets],
        }
        for name, app in settings.apps.items()
    }
    return {
        **kept,
        "PORT": str(settings.port),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "SAYHOOK_DATA": str(settings.data),
        "SAYHOOK_MODELS": str(settings.models.resolve()),
        "SAYHOOK_ALLOW_PRIVATE_CALLBACKS": "true",
        "SAYHOOK_SWEEP_INTERVAL": str(settings.sweep_interval),
        "SAYHOOK_APPS": json.dumps(apps),
        "SAYHOOK_STAND_INS": json.dumps(settings.stand_ins),
        "SAYHOOK_CONNECTOR_PACKAGES": settings.connector_packages,
    }


async def _connect(hub: Hub, connector: Connector, simulator: Simulator, home: str) -> None:
    async with hub.database.reading() as session:
        (account, *_) = await list_accounts(session)
    given: Mapping[str, str] = simulator.credentials
    names = [field.name for field in credential_fields(connector)]
    if connector.manifest.is_joined_there:
        names = [name for name in given if name not in _OF_THE_APP]
    address = next(iter(simulator.stands_for), home) if connector.manifest.address is not None else None
    filled = Filled(address=address, hook_secret=given.get("hook_secret"))
    record = await establish(hub, account.id, connector, filled, {name: given[name] for name in names})
    if isinstance(simulator, SetUpByHand):
        simulator.set_up(hook_of(hub, connector, record))


async def _found(client: httpx.AsyncClient, page: str, folder: Path) -> str:
    deadline = time.monotonic() + HEARD_SECONDS
    while time.monotonic() < deadline:
        shown = await client.get(page)
        if sources := _AUDIO.findall(shown.text):
            return urljoin(page, html.unescape(sources[0]))
        await asyncio.sleep(LOOK_SECONDS)
    raise DemoFailed(
        f"No audio was on {page} after {HEARD_SECONDS:g} s. The hub said:\n{tail(folder / 'hub.log')}"
    )


async def _play(page: str, say: Say) -> bool:
    """As a visitor would; False where there is no browser that starts. Raises DemoFailed."""
    browser = chromium.installed()
    if browser is None:
        say("There is no Chromium here: the audio was decoded, not played")
        return False
    say("Playing it in Chromium")
    try:
        await chromium.play(browser, page)
    except chromium.BrowserUnusable as error:
        say(f"{error} The audio was decoded, not played")
        return False
    except chromium.DoesNotPlay as error:
        raise DemoFailed(str(error)) from error
    return True


async def check_plays(client: httpx.AsyncClient, url: str) -> bytes:
    """Fetched, decoded, and something to hear in it."""
    answer = await client.get(url)
    if answer.status_code != 200:
        raise DemoFailed(f"The audio is on the page, but {url} answers {answer.status_code}.")
    try:
        samples, rate = soundfile.read(io.BytesIO(answer.content))
    except soundfile.SoundFileError as error:
        raise DemoFailed("The audio is on the page, but it cannot be decoded.") from error
    if len(samples) < rate / 5 or abs(samples).max() < _QUIETEST:
        raise DemoFailed("The audio is on the page, but there is nothing to hear in it.")
    return answer.content


async def _generation(hub: Hub, client: httpx.AsyncClient, audio_url: str, content: bytes) -> str:
    """Known by the lasting address, or, where the platform keeps a copy of its own, by what it holds."""
    token = audio_url.rpartition("/")[2].partition(".")[0]
    async with hub.database.reading() as session:
        targets = (await session.scalars(select(TargetRecord))).all()
        for target in targets:
            generation = await session.get(Generation, target.audio_generation_id or "")
            if generation is None:
                continue
            if target.token == token:
                return generation.id
            ours = lasting_url(hub.settings.base_url, target.token, generation.format)
            if (await client.get(ours)).content == content:
                return generation.id
    raise DemoFailed("The audio on the page is not the one this hub made.")


def _free_port() -> int:
    with socket.create_server((_HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def tail(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:])
