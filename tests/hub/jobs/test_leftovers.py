"""The round that looks for files nobody needs: what processes that died left behind."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.hub import Hub
from hub.jobs import claim, complete, complete_part, prepare, sweep_unknown
from hub.store import blobs
from hub.store.tables import Account, Generation
from hub.voices import NewVoice, save_voice
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import accepted, claimed, order, speech
from tests.hub.jobs.test_accept import files
from tests.hub.jobs.test_long_text import flac, long_order, parts_left


@pytest.fixture(autouse=True)
def the_clock_of_the_files(clock: Clock) -> None:
    clock.instant = datetime.now(UTC)


async def test_a_recording_whose_order_was_never_recorded_goes_after_an_hour(
    store_hub: Hub, account: Account, clock: Clock, tmp_path: Path
) -> None:
    await prepare(store_hub, order(reference=b"a voice"), account_id=account.id)
    clock.advance(3500)
    assert await sweep_unknown(store_hub) == 0
    clock.advance(300)
    assert await sweep_unknown(store_hub) == 1
    assert files(tmp_path) == []


async def test_only_what_no_living_row_names_goes(
    store_hub: Hub, account: Account, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "LISTED", 2)
    spoken = await claimed(store_hub, account)
    await complete(store_hub, spoken, speech())
    clone = await accepted(store_hub, account, order(reference=b"waiting"))
    book = await accepted(store_hub, account, long_order())
    part = await claim(store_hub, book.id)
    assert part is not None
    await complete_part(store_hub, part, flac())
    voice = await save_voice(store_hub, account.id, NewVoice("Mine", reference=b"kept", consent="I agree."))
    needed = set(files(tmp_path))
    assert {path.parent.name for path in needed} == {spoken.id, book.id, "references", "voices"}

    for key in (f"generations/{spoken.id}/9.wav", "generations/gone/1.wav", "voices/gone", "references/gone"):
        await store_hub.blobs.put(key, b"left behind")
    clock.advance(7200)
    assert await sweep_unknown(store_hub) == 4
    assert set(files(tmp_path)) == needed
    assert await parts_left(store_hub) == 3

    async with store_hub.database.transaction() as session:  # killed when they ended, before their files went
        for id in (clone.id, book.id):
            row = await session.get_one(Generation, id)
            row.status, row.completed_at = "failed", clock()
    clock.advance(7200)
    assert await sweep_unknown(store_hub) == 2
    assert await parts_left(store_hub) == 0
    assert {path.parent.name for path in files(tmp_path)} == {spoken.id, "voices"}
    assert voice.reference_key is not None
