"""What whoever runs a hub sees and mends on the command line: queues, workers, failed jobs, limits."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from hub.accounts import find_account_by_email
from hub.cli.opened import database
from hub.hub import open_hub
from hub.jobs import claim, fail
from hub.queue import presence
from hub.queue.redis_queue import RedisQueue
from hub.settings import Settings
from tests.hub.cli.conftest import Sayhook
from tests.hub.cli.test_accounts import ADA, acts_of
from tests.hub.jobs.orders import accepted


async def failed(data: Path) -> str:
    async with open_hub(Settings(data=data, _env_file=None)) as hub:
        async with hub.database.reading() as session:
            account = await find_account_by_email(session, ADA)
        assert account is not None
        generation = await accepted(hub, account)
        taken = await claim(hub, generation.id)
        assert taken is not None
        await fail(hub, taken, code="engine_failed", message="The model is broken.", retryable=False)
    return generation.id


async def free_and_held(data: Path) -> tuple[int, int]:
    async with database(Settings(data=data, _env_file=None)) as opened, opened.reading() as session:
        account = await find_account_by_email(session, ADA)
        assert account is not None
        return account.credits, account.held


def test_a_failed_job_is_listed_without_its_words_and_ordered_again(sayhook: Sayhook, tmp_path: Path) -> None:
    data = tmp_path / "data"
    sayhook("accounts", "create", "--email", ADA)
    assert sayhook("jobs", "failed").out == "Nothing has failed.\n"
    broken = asyncio.run(failed(data))

    (row,) = json.loads(sayhook("jobs", "failed", "--json").out)
    assert (row["generation_id"], row["code"]) == (broken, "engine_failed")
    listing = sayhook("jobs", "failed").out
    assert "The model is broken." in listing
    assert "Good morning." not in listing

    done = sayhook("jobs", "retry", broken)
    assert (done.code, done.out[:16]) == (0, "Ordered again as")
    assert asyncio.run(free_and_held(data)) == (450, 50)
    fresh = done.out.split()[-1].rstrip(".")
    assert acts_of(data)[-1] == ("retried a job", broken, f"as {fresh}")
    assert "is queued, not failed" in sayhook("jobs", "retry", fresh).err
    assert sayhook("jobs", "retry", "nothing").err == "Generation not found\n"


def test_queues_and_workers(sayhook: Sayhook, redis_url: str) -> None:
    away = sayhook("queue")
    assert (away.code, away.out) == (1, "")
    assert away.err == "The queue does not answer.\n"

    async def come() -> None:
        queue = RedisQueue(lambda: redis_url)
        await presence.announce(queue.redis, "speak", "studio:7:abc")
        await queue.enqueue_speech("job", "account", 10)
        await queue.close()

    assert "No worker is alive" in sayhook("workers", SAYHOOK_REDIS_URL=redis_url).out
    asyncio.run(come())
    assert json.loads(sayhook("queue", "--json", SAYHOOK_REDIS_URL=redis_url).out) == [
        {"queue": "speak", "workers": 1, "waiting_or_running": 1},
        {"queue": "deliver", "workers": 0, "waiting_or_running": 0},
    ]
    assert "studio:7:abc" in sayhook("workers", SAYHOOK_REDIS_URL=redis_url).out


def test_limits_of_its_own(sayhook: Sayhook, tmp_path: Path) -> None:
    sayhook("accounts", "create", "--email", ADA)
    plain = f"{ADA}, plan trial: 60 requests a minute, 2 at one time.\n"
    assert sayhook("accounts", "limits", ADA).out == plain
    wide = sayhook("accounts", "limits", ADA, "--plan", "paid", "--concurrent", "32").out
    assert wide == f"{ADA}, plan paid: 600 requests a minute, 32 at one time.\n"
    kept = sayhook("accounts", "limits", ADA, "--requests-per-minute", "7").out
    assert kept == f"{ADA}, plan paid: 7 requests a minute, 32 at one time.\n"
    own = ("--plan", "trial", "--requests-per-minute", "0", "--concurrent", "0")
    assert sayhook("accounts", "limits", ADA, *own).out == plain
    assert (
        "concurrent: must be a whole number"
        in sayhook("accounts", "limits", ADA, "--concurrent", "99999").err
    )
    acts = acts_of(tmp_path / "data")
    assert [act[0] for act in acts] == ["made an account", *["set limits"] * 3]
