"""A closed account leaves nothing behind but dates and amounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import String, Text, func, insert, select

from hub.accounts import audit, authenticate, create_account, create_key, resets, sessions, sweeping
from hub.accounts.closing import close_account, erase_closed
from hub.errors import InsufficientCredits, Unauthenticated
from hub.hub import Hub
from hub.jobs import accept, claim, complete
from hub.store.schema import METADATA
from hub.store.tables import Account, Delivery, DeliveryAttempt, LedgerEntry
from hub.voices import NewVoice, save_voice
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import accepted, order, speech

SECRET_WORDS = "nobody but Ada may read this"


async def lived_in(hub: Hub, account: Account) -> str:
    """An account in which everything has happened once; a key of it."""
    now = hub.now()
    finished = await accepted(hub, account, order(SECRET_WORDS, callback="https://shop.example/hook"))
    taken = await claim(hub, finished.id)
    assert taken is not None
    await complete(hub, taken, speech())
    await accept(hub, order(SECRET_WORDS, reference=b"RIFF"), account_id=account.id)
    await save_voice(hub, account.id, NewVoice("Mine", None, None, b"RIFF", SECRET_WORDS, "Ada agreed"))
    async with hub.database.transaction() as session:
        key = await create_key(session, account_id=account.id, name="key", now=now)
        await sessions.open_session(session, account_id=account.id, browser="a browser", now=now)
        await resets.open_reset(session, account.id, now)
        await audit.record(
            session, actor="admin@example.com", action="limits", subject=account.email, now=now
        )
        delivery = await session.scalar(select(Delivery.id))
        await session.execute(
            insert(DeliveryAttempt).values(
                delivery_id=delivery, at=now, milliseconds=1, response=SECRET_WORDS
            )
        )
    return key.secret


async def mentions(hub: Hub, words: str) -> list[str]:
    """Tables with a text that holds these words."""
    found = []
    async with hub.database.reading() as session:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, String | Text) and await session.scalar(
                    select(func.count()).select_from(table).where(column.contains(words))
                ):
                    found.append(table.name)
    return sorted(set(found))


async def test_everything_is_erased(store_hub: Hub, account: Account, tmp_path: Path) -> None:
    await lived_in(store_hub, account)
    assert "deliveries" in await mentions(store_hub, account.id)
    assert await mentions(store_hub, SECRET_WORDS) == ["delivery_attempts", "generations", "voices"]
    await close_account(store_hub, account.id)
    await erase_closed(store_hub, account.id)
    assert await mentions(store_hub, SECRET_WORDS) == []
    assert await mentions(store_hub, account.email) == []
    assert await mentions(store_hub, account.id) == ["accounts", "audit_log", "ledger"]
    assert [path for path in (tmp_path / "audio").rglob("*") if path.is_file()] == []
    async with store_hub.database.reading() as session:
        row = await session.get_one(Account, account.id)
        sums = select(func.sum(LedgerEntry.credits), func.sum(LedgerEntry.held))
        assert (row.credits, row.held) == (0, 0) == tuple((await session.execute(sums)).one())


async def test_others_keep_what_is_theirs(store_hub: Hub, account: Account, tmp_path: Path) -> None:
    async with store_hub.database.transaction() as session:
        other = await create_account(
            session, email="bob@example.com", now=store_hub.now(), secrets=store_hub.secrets
        )
    await lived_in(store_hub, other)
    before = await mentions(store_hub, other.id)
    files = sorted((tmp_path / "audio").rglob("*"))
    await close_account(store_hub, account.id)
    await erase_closed(store_hub, account.id)
    assert await mentions(store_hub, other.id) == before
    assert sorted((tmp_path / "audio").rglob("*")) == files


async def test_nobody_gets_in_from_the_moment_it_is_closed(
    store_hub: Hub, account: Account, clock: Clock
) -> None:
    key = await lived_in(store_hub, account)
    await close_account(store_hub, account.id)
    async with store_hub.database.reading() as session:
        with pytest.raises(Unauthenticated):
            await authenticate(session, key, clock())
    with pytest.raises(InsufficientCredits):
        await accept(store_hub, order(), account_id=account.id)


async def test_the_sweeper_ends_what_a_crash_cut_short(store_hub: Hub, account: Account) -> None:
    await lived_in(store_hub, account)
    await close_account(store_hub, account.id)
    assert await sweeping.sweep(store_hub) == 1
    assert await sweeping.sweep(store_hub) == 0
    assert await mentions(store_hub, SECRET_WORDS) == []


async def test_dead_sessions_and_links_are_forgotten(store_hub: Hub, account: Account, clock: Clock) -> None:
    await lived_in(store_hub, account)
    await sweeping.sweep(store_hub)
    assert {"sessions", "password_resets"} <= set(await mentions(store_hub, account.id))
    clock.advance(resets.LIFETIME.total_seconds())
    await sweeping.sweep(store_hub)
    assert "password_resets" not in await mentions(store_hub, account.id)
    assert "sessions" in await mentions(store_hub, account.id)
    clock.advance(sessions.IDLE.total_seconds())
    await sweeping.sweep(store_hub)
    assert "sessions" not in await mentions(store_hub, account.id)
