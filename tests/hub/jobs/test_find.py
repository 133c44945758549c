from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from hub.errors import Unprocessable
from hub.hub import Hub
from hub.jobs import cancel, newest, sources_of
from hub.money import grant
from hub.store.tables import Account
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import accepted, order


async def pages(hub: Hub, account: Account, limit: int) -> list[list[str]]:
    found, cursor = [], None
    while True:
        async with hub.database.reading() as session:
            page = await newest(session, account.id, limit=limit, cursor=cursor)
        found.append([row.id for row in page.rows])
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_pages_show_every_row_once_newest_first(store_hub: Hub, account: Account, clock: Clock) -> None:
    ids = []
    for number in range(7):
        ids.append((await accepted(store_hub, account)).id)
        clock.advance(number % 2)  # some share an instant
    found = await pages(store_hub, account, 3)
    assert [len(page) for page in found] == [3, 3, 1]
    assert sorted(row for page in found for row in page) == sorted(ids)
    assert found[0][0] == ids[-1]


async def test_the_last_full_page_has_no_next(store_hub: Hub, account: Account) -> None:
    for _ in range(4):
        await accepted(store_hub, account)
    assert [len(page) for page in await pages(store_hub, account, 2)] == [2, 2]


async def test_filters(store_hub: Hub, account: Account) -> None:
    async with store_hub.database.transaction() as session:
        await grant(session, account_id=account.id, credits=500, note="more", now=store_hub.now())
    clone = await accepted(store_hub, account, order(reference=b"r"))
    stopped = await accepted(store_hub, account)
    await cancel(store_hub, account.id, stopped.id)
    async with store_hub.database.reading() as session:
        assert [row.id for row in (await newest(session, account.id, mode="clone")).rows] == [clone.id]
        assert [row.id for row in (await newest(session, account.id, status="cancelled")).rows] == [
            stopped.id
        ]
        assert (await newest(session, account.id, source="wix")).rows == []
        assert (await newest(session, "somebody-else")).rows == []


def written(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


SOME_ID = "7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11"
MADE_UP = [
    "x",
    "bm8",
    "é",
    written(1, 2),
    written("2026-01-01T00:00:00", SOME_ID),
    written("2026-01-01T00:00:00+00:00", "a"),
    written("2026-01-01T00:00:00+00:00", "\0" * 36),
    written("2026-01-01T00:00:00+00:00", [SOME_ID]),
    written("9999-12-31T23:59:59-23:59", SOME_ID),
    written("0001-01-01T00:00:00+23:59", SOME_ID),
]


@pytest.mark.parametrize("cursor", MADE_UP)
async def test_a_made_up_cursor_is_refused(store_hub: Hub, account: Account, cursor: str) -> None:
    async with store_hub.database.reading() as session:
        with pytest.raises(Unprocessable, match="cursor: must be the next_cursor"):
            await newest(session, account.id, cursor=cursor)


async def test_texts_are_searched_as_they_are_written(store_hub: Hub, account: Account) -> None:
    """What means something to the database means nothing in a search."""
    for text in ("Half price: 50% off.", "Snake_case", "Plain words"):
        await accepted(store_hub, account, order(text))

    async def found(wanted: str) -> list[str]:
        async with store_hub.database.reading() as session:
            page = await newest(session, account.id, text=wanted)
        return [row.text for row in page.rows]

    assert await found("0% O") == ["Half price: 50% off."]
    assert await found("e_c") == ["Snake_case"]
    assert await found("%") == ["Half price: 50% off."]
    assert await found("nothing of that") == []


async def test_the_doors_of_an_account_are_listed_once(store_hub: Hub, account: Account) -> None:
    for source in ("zapier", "api", "api"):
        await accepted(store_hub, account, replace(order(), source=source))
    async with store_hub.database.reading() as session:
        assert await sources_of(session, account.id) == ["api", "zapier"]
