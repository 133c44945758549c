"""Every operation of the description against the running application, with requests made up by Schemathesis.

No request, right or wrong, may meet an answer that the description does not name: no other status, no other
media type, no other form, and never a 5xx.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.transport.requests import ManagedCookiesSession

from hub.accounts import create_account, create_key
from hub.api.app import create_app
from hub.api.openapi import document
from hub.hub import open_hub
from hub.money import grant
from hub.queue import RedisQueue, presence
from hub.settings import Settings
from tests.databases import Prepare
from tests.hub.api import narration
from tests.hub.api.narration import narrating
from tests.hub.api.serving import serving

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 2
"""Made up beside those that try every limit a schema names: some three thousand."""

FEW_LANGUAGES = 4


class Served:
    """The application on a thread and a loop of its own, with one rich account that may do everything.

    A worker speaks noise there, so that the hub is ready and its streams end.

    `ids` hold what is really there, by the beginning of the address it is found under.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self.url = ""
        self.key = ""
        self.ids: dict[str, list[str]] = {}

    def __enter__(self) -> Served:
        self._thread.start()
        assert self._ready.wait(60)
        self._fill()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with open_hub(self._settings) as hub:
            async with hub.database.transaction() as session:
                now = hub.now()
                account = await create_account(session, email="s@example.com", now=now, secrets=hub.secrets)
                account.requests_per_minute = 1_000_000
                key = await create_key(session, account_id=account.id, name="all", now=now)
                await grant(session, account_id=account.id, credits=1_000_000, note="", now=now)
            self.key = key.secret
            assert isinstance(hub.queue, RedisQueue)
            await presence.announce(hub.queue.redis, "speak", "noise", lifetime=600)
            app = create_app(hub)
            async with narrating(hub), serving(app) as self.url:
                self._ready.set()
                await self._stop.wait()
            await app.state.rates.close()

    def _fill(self) -> None:
        """Things to be found, changed and deleted."""
        made: dict[str, tuple[str, dict[str, Any]]] = {
            "/v1/tts": ("/v1/tts/generate", {"text": "Hello."}),
            "/v1/voices": ("/v1/voices", {"name": "Voice {}", "voice_description": "A calm woman"}),
            "/v1/webhooks": (
                "/v1/webhooks",
                {"url": "https://example.com/{}", "events": ["generation.completed"]},
            ),
        }
        for prefix, (path, fields) in made.items():
            for number in range(4):
                sent = {
                    name: value.format(number) if isinstance(value, str) else value
                    for name, value in fields.items()
                }
                answer = requests.post(self.url + path, json=sent, headers=self.headers, timeout=10)
                assert answer.ok, answer.text
                self.ids.setdefault(prefix, []).append(answer.json()["id"])


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, shared_valkey: Any, prepare_sqlite: Prepare
) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("schemathesis")
    prepare_sqlite(folder)
    settings = Settings(data=folder, redis_url=shared_valkey.url, _env_file=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(narration, "SECONDS", 0.05)
        with Served(settings) as running:
            yield running


def with_few_languages(description: dict[str, Any]) -> dict[str, Any]:
    """Every language would be sent to every operation that takes one, and each accepted is spoken."""
    for schema in description["components"]["schemas"].values():
        language = schema.get("properties", {}).get("language", {})
        if "enum" in language:
            language["enum"] = language["enum"][:FEW_LANGUAGES]
    return description


@pytest.fixture(scope="module")
def described() -> OpenApiSchema:
    """Read here and not on import: its thousands of cases are made up while tests are collected, in every
    process that collects them.
    """
    schema = schemathesis.openapi.from_dict(with_few_languages(document()))
    schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return schema


@pytest.fixture(scope="module")
def session() -> Iterator[ManagedCookiesSession]:
    """One connection for all, which forgets the cookies of each answer."""
    with ManagedCookiesSession() as opened:
        opened.trust_env = False
        yield opened


@schemathesis.pytest.from_fixture("described").parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.timeout(400)
def test_every_answer_is_a_described_one(
    served: Served, session: ManagedCookiesSession, case: schemathesis.Case[Any]
) -> None:
    known = next((ids for start, ids in served.ids.items() if case.path.startswith(start)), [])
    if known and case.path_parameters and "id" in case.path_parameters and len(str(case.body)) % 2:
        case.path_parameters["id"] = known[len(str(case.path_parameters["id"])) % len(known)]
    case.call_and_validate(base_url=served.url, session=session, headers=served.headers, checks=CHECKS)
