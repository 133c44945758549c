"""A hub in which something is on every page: an owner who uses all of it, and an administrator.

It runs in the tests' own process without an engine: speech is a tone with the words it should have.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import StorageState

from connectors.woocommerce.simulator import Simulator
from engine.values import Chapter, Speech, Word
from hub import jobs
from hub.accounts import create_account, resets, sessions
from hub.accounts.confirming import new_link
from hub.connections.catalogue import catalogue
from hub.oauth.clients import create_client
from hub.store.database import Database
from hub.store.tables import Account
from hub.voices import delete_voice
from tests.hub.api.serving import serving
from tests.hub.connections.conftest import ShopHere, TickingClock, Workshop, _post, workshop_on
from tests.hub.jobs.orders import speech
from tests.valkey import running_valkey

CHAPTER_CHARACTERS = 50_000
"""The longest text that is taken."""
_SENTENCE = "The morning train leaves the harbour at a quarter past six. "
_HOOKS = {
    "zapier": "https://hooks.zapier.com/hooks/standard/1234567/abcdef/",
    "make": "https://hook.eu1.make.com/h3x4q7o2n9vd8w1zr5ty6ub0pcmakls",
}
_CALLBACK = "https://zapier.example/oauth/return"


@dataclass(frozen=True)
class Furnished:
    """`paths` are the pages with something in hand, by who may see them and what they are called."""

    url: str
    states: Mapping[str, StorageState | None]
    paths: dict[str, dict[str, str]] = field(default_factory=dict)


@asynccontextmanager
async def furnished(folder: Path, database_url: str) -> AsyncIterator[Furnished]:
    database = Database(database_url)
    with running_valkey(folder / "valkey") as valkey:
        async with workshop_on(database, folder, valkey.url, TickingClock()) as workshop, _shop() as shop:
            owner, administrator = await _people(workshop)
            made = Furnished(
                str(workshop.client.base_url),
                {"stranger": None, "customer": owner, "administrator": administrator},
            )
            made.paths["customer"] = {
                **await _voiceovers(workshop),
                **await _connected(workshop, shop),
                "oauth-consent": await _app(workshop),
                "generation-waiting": f"/generations/{await _ordered(workshop, 'It waits for its turn.')}",
            }
            made.paths["stranger"] = await _links(workshop)
            made.paths["administrator"] = {"admin-account": f"/admin/accounts/{workshop.customer.account_id}"}
            yield made
    await database.close()


async def _people(workshop: Workshop) -> tuple[StorageState, StorageState]:
    hub = workshop.hub
    async with hub.database.transaction() as session:
        admin = await create_account(
            session, email="operator@example.com", now=hub.now(), secrets=hub.secrets
        )
        admin.is_admin = True
        owner = await session.get_one(Account, workshop.customer.account_id)
        owner.email_confirmed_at, owner.password_hash = None, "set"
        owner.requests_per_minute = 1000
        found = []
        for account_id in (owner.id, admin.id):
            secret = await sessions.open_session(
                session, account_id=account_id, browser="Firefox on Linux", now=hub.now()
            )
            cookie: Any = {
                "name": "sayhook_session",
                "value": secret,
                "url": str(workshop.client.base_url),
                "httpOnly": True,
                "sameSite": "Lax",
            }
            found.append(StorageState(cookies=[cookie]))
    return found[0], found[1]


async def _voiceovers(workshop: Workshop) -> dict[str, str]:
    """One of each state, a whole chapter, and previews to choose from; a voice kept and one deleted."""
    call = workshop.call
    text = (_SENTENCE * (CHAPTER_CHARACTERS // len(_SENTENCE)))[:CHAPTER_CHARACTERS].strip()
    ids = {
        "chapter": (await call("POST", "/v1/tts/longform", 202, json={"text": text}))["id"],
        "spoken": await _ordered(workshop, "Good morning."),
        "failed": await _ordered(workshop, "What nobody can speak."),
        "cancelled": await _ordered(workshop, "Never mind."),
    }
    await call("POST", f"/v1/tts/generations/{ids['cancelled']}/cancel", 200)
    workshop.failing.add("What nobody can speak.")
    workshop.queue.speech.remove(ids["chapter"])
    await workshop.settle()
    await _spoken_whole(workshop, ids["chapter"], text)
    previews = await call(
        "POST", "/v1/voices/design", 202, json={"voice_description": "a hoarse old sailor", "count": 3}
    )
    await workshop.settle()
    leader = previews["previews"][0]["id"]
    for name in ("Narrator", "Sailor"):
        voice = {"name": name, "voice_description": "a calm woman", "seed": 7}
        kept = await call("POST", "/v1/voices", 201, json=voice)
    await delete_voice(workshop.hub, workshop.customer.account_id, kept["id"])
    return {
        "previews-of-a-voice": f"/voices/previews/{leader}",
        **{f"generation-{name}": f"/generations/{found}" for name, found in ids.items()},
    }


async def _ordered(workshop: Workshop, text: str) -> str:
    sent = {"text": text, "voice_description": "a calm woman"}
    return str((await workshop.call("POST", "/v1/tts/generate", 202, json=sent))["id"])


async def _spoken_whole(workshop: Workshop, generation_id: str, text: str) -> None:
    """A chapter as it is when its last part is spoken: all its words with their times, and its sections."""
    hub = workshop.hub
    while (claim := await jobs.claim(hub, generation_id)) is not None and claim.part is not None:
        await jobs.complete_part(hub, claim, speech(0.1))
    assert claim is not None
    await jobs.complete(hub, claim, chapter_of(text))


def chapter_of(text: str) -> Speech:
    words = tuple(Word(word, 0.4 * place, 0.4 * place + 0.35) for place, word in enumerate(text.split()))
    titles = tuple(Chapter(f"Section {number}", 300.0 * number) for number in range(12))
    return replace(
        speech(0.1), duration_seconds=0.4 * len(words), words=words, chapters=titles, peaks=(0.4, 0.9) * 100
    )


@asynccontextmanager
async def _shop() -> AsyncIterator[ShopHere]:
    simulator: Simulator

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await simulator.app(scope, receive, send)

    async with httpx.AsyncClient() as platform, serving(app) as url:  # type: ignore[arg-type]  # any ASGI app
        simulator = Simulator(url, post=partial(_post, platform))
        yield ShopHere(url, simulator)


async def _connected(workshop: Workshop, shop: ShopHere) -> dict[str, str]:
    """A shop whose products were spoken, one of them in vain, and a webhook that was told of it."""
    hook = await workshop.call("POST", "/v1/webhooks", 201, json={"url": f"{shop.url}/nowhere"})
    made = await workshop.call("POST", "/v1/connections", 201, json=shop.form())
    for number in range(3):
        shop.shop.create({"name": f"Cup {number}", "description": "Blue."})
    await shop.shop.send_waiting()
    workshop.failing.add("Cup 1. Blue.")
    await workshop.settle()
    for target in _HOOKS.values():
        await workshop.call("POST", "/v1/hooks", 201, json={"target_url": target, "mode": "clone"})
    forms = {f"connect-{name}": f"/connections/new/{name}" for name in catalogue(workshop.hub.settings)}
    return {
        "connection": f"/connections/{made['id']}",
        "backfill": f"/connections/{made['id']}/backfill",
        "webhook": f"/webhooks/{hook['id']}",
        "nothing-here": "/generations/nothing",
        **forms,
        **{f"builders-{name}": f"/builders/{name}" for name in _HOOKS},
    }


async def _app(workshop: Workshop) -> str:
    """The address of the consent page."""
    hub = workshop.hub
    async with hub.database.transaction() as session:
        app = await create_client(
            session,
            name="Zapier",
            redirect_uris=[_CALLBACK],
            scopes=["speech:write", "account:read"],
            now=hub.now(),
        )
    return f"/oauth/authorize?response_type=code&client_id={app.id}&redirect_uri={_CALLBACK}&state=s"


async def _links(workshop: Workshop) -> dict[str, str]:
    """What letters lead to."""
    hub, account_id = workshop.hub, workshop.customer.account_id
    async with hub.database.transaction() as session:
        account = await session.get_one(Account, account_id)
        secret = await resets.open_reset(session, account_id, hub.now())
    link = new_link(hub.secrets, account_id, account.email, hub.now())
    return {
        "password-reset": f"/password/reset?link={secret}",
        "email-confirm": f"/email/confirm?link={link}",
        "nothing-at-all": "/nothing-at-all",
    }
