"""Probes, figures, and the weight of the web process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from starlette.applications import Starlette

from hub.api.app import application, create_app
from hub.hub import Hub
from hub.queue import RedisQueue, presence
from hub.settings import Settings
from hub.store.database import Database
from tests.hub.api.conftest import Customer, finished, ordered
from tests.hub.conftest import LostQueue

HEAVY = ["torch", "torchaudio", "onnxruntime", "lingua", "scipy", "kokoro_onnx", "misaki", "jieba"]


async def announce_worker(hub: Hub) -> None:
    assert isinstance(hub.queue, RedisQueue)
    await presence.announce(hub.queue.redis, "speak", "a worker")


async def test_alive(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert (await client.head("/healthz")).status_code == 200


async def test_ready_needs_a_worker_that_speaks(client: httpx.AsyncClient, hub: Hub) -> None:
    before = await client.get("/readyz")
    assert before.status_code == 503
    assert before.json()["missing"] == ["speak worker"]
    assert before.headers["retry-after"] == "5"
    await announce_worker(hub)
    after = await client.get("/readyz")
    assert (after.status_code, after.json()) == (200, {"status": "ready"})


async def test_ready_names_everything_that_is_missing(hub: Hub, tmp_path: Path) -> None:
    nowhere = Database(f"sqlite+aiosqlite:///{tmp_path / 'no such folder' / 'x.db'}")
    app = create_app(replace(hub, queue=LostQueue(), database=nowhere))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
        answer = await client.get("/readyz")
        assert (await client.get("/healthz")).status_code == 200
    await nowhere.close()
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["database", "queue", "speak worker"]
    assert "such folder" not in answer.text


def figures(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_figures(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    await announce_worker(hub)
    done, _ = await ordered(client, customer), await ordered(client, customer)
    await finished(hub, done)
    await client.get(f"/v1/tts/status/{done}", headers=customer.headers)
    await client.get("/v1/tts/status/other", headers=customer.headers)
    await client.get("/wp-login.php")
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    seen = figures(answer.text)
    route = ("route", "/v1/tts/status/{id}")
    counted = "sayhook_http_requests_total"
    assert seen[counted, (("method", "GET"), route, ("status", "200"))] == 1
    assert seen[counted, (("method", "GET"), route, ("status", "404"))] == 1
    assert seen[counted, (("method", "GET"), ("route", "unmatched"), ("status", "404"))] == 1
    assert seen["sayhook_http_request_duration_seconds_count", (("method", "GET"), route)] == 2
    assert seen["sayhook_generations", (("status", "completed"),)] == 1
    assert seen["sayhook_generations", (("status", "queued"),)] == 1
    assert seen["sayhook_live_workers", (("queue", "speak"),)] == 1
    assert seen["sayhook_queue_depth", (("queue", "speak"),)] >= 1
    assert done not in answer.text
    assert "wp-login" not in answer.text


async def test_figures_may_need_a_token(hub: Hub) -> None:
    closed = replace(hub, settings=hub.settings.model_copy(update={"metrics_token": SecretStr("tell-me")}))
    transport = httpx.ASGITransport(create_app(closed))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        for sent in ({}, {"Authorization": "Bearer tell-m"}, {"Authorization": "Bearer "}):
            refused = await client.get("/metrics", headers=sent)
            assert refused.status_code == 401
            assert "SAYHOOK_METRICS_TOKEN" in refused.json()["detail"]
            assert refused.headers["www-authenticate"].startswith("Bearer")
        seen = await client.get("/metrics", headers={"Authorization": "Bearer tell-me"})
    assert "sayhook_generations" in seen.text


async def test_figures_without_a_queue_are_left_out(hub: Hub) -> None:
    class Away(LostQueue):
        async def depth(self, kind: object) -> int:
            raise OSError("away")

    app = create_app(replace(hub, queue=Away()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
        answer = await client.get("/metrics")
    seen = {name for name, _ in figures(answer.text)}
    assert "sayhook_generations" in seen
    assert "sayhook_queue_depth" not in seen


_SEVERAL = """
import asyncio, sys, httpx
from hub.api.app import application
from hub.settings import Settings
from pathlib import Path

async def main(path):
    app = application(Settings(data=Path(sys.argv[1]), redis_url="redis://127.0.0.1:1/0", _env_file=None))
    async with app.router.lifespan_context(app):
        await app.state.hub.database.migrate()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
            for _ in range(3):
                await client.get("/healthz")
            print((await client.get("/metrics")).text)

asyncio.run(main(sys.argv[1]))
"""


def test_several_web_processes_are_added_up(tmp_path: Path) -> None:
    shared = tmp_path / "metrics"
    shared.mkdir()
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(shared)}
    for rounds in (1, 2):
        done = subprocess.run(
            [sys.executable, "-c", _SEVERAL, str(tmp_path)], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        key = ("sayhook_http_requests_total", (("method", "GET"), ("route", "/healthz"), ("status", "200")))
        assert figures(done.stdout)[key] == 3 * rounds


_WEIGHT = """
import json, resource, sys
from pathlib import Path
from hub.api.app import application
from hub.settings import Settings
application(Settings(data=Path(sys.argv[1]), _env_file=None))
resident = int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
print(json.dumps({"modules": sorted(sys.modules), "megabytes": resident / 1024}))
"""


def test_the_web_process_is_small(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WEIGHT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert [name for name in HEAVY if name in seen["modules"]] == []
    assert seen["megabytes"] < 150


@pytest.fixture
def own_app(settings: Settings) -> Starlette:
    return application(settings)


async def test_the_factory_opens_and_closes_its_own_hub(own_app: Starlette) -> None:
    async with own_app.router.lifespan_context(own_app):
        await own_app.state.hub.database.migrate()
        transport = httpx.ASGITransport(own_app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
            assert (await client.get("/v1/account")).status_code == 401
