from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from connectors.values import SpeechOrder
from engine.longform import plan, read_script
from engine.values import AudioFormat, Speech, SpeechRequest
from hub.hub import Hub
from hub.jobs import Claim, cancel, claim, complete, complete_part, erase, fail, load_spoken, sweep
from hub.store.tables import Account, GenerationPart
from tests.hub.conftest import Clock
from tests.hub.jobs.orders import accepted, speech
from tests.hub.jobs.test_accept import files
from tests.hub.jobs.test_end import row
from tests.hub.money.test_ledger import balance

TEXT = "One is here.\n\nTwo is there.\n\nThree is gone."


def long_order(reference: bytes | None = None) -> SpeechOrder:
    return SpeechOrder(SpeechRequest(TEXT, reference=reference), parts=tuple(plan(read_script(TEXT))))


def flac(seed: int = 7) -> Speech:
    return replace(speech(), format=AudioFormat.FLAC, seed=seed)


async def next_claim(hub: Hub, generation_id: str) -> Claim:
    taken = await claim(hub, generation_id)
    assert taken is not None
    return taken


async def parts_left(hub: Hub) -> int:
    async with hub.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(GenerationPart)) or 0


async def test_a_long_text_is_spoken_part_by_part_then_joined(
    store_hub: Hub, account: Account, tmp_path: Path
) -> None:
    generation = await accepted(store_hub, account, long_order())
    assert await balance(store_hub, account) == (350, 150)
    spoken = []
    for share in (1 / 3, 2 / 3, 1.0):
        taken = await next_claim(store_hub, generation.id)
        spoken.append(taken.request.text)
        assert taken.request.format is AudioFormat.FLAC
        assert await complete_part(store_hub, taken, flac())
        assert abs((await row(store_hub, account, generation.id)).progress - share) < 1e-6
    assert spoken == ["One is here.", "Two is there.", "Three is gone."]
    joining = await next_claim(store_hub, generation.id)
    assert joining.joining
    assert joining.part is None
    parts = await load_spoken(store_hub, generation.id)
    assert [part.pause for part in parts] == [0.7, 0.7, 0.0]
    assert [word.text for word in parts[0].words] == ["Good", "morning."]
    assert parts[0].audio == flac().audio
    await complete(store_hub, joining, speech(1.5))
    done = await row(store_hub, account, generation.id)
    assert (done.status, done.duration_seconds) == ("completed", 1.5)
    assert len(files(tmp_path)) == 1
    assert await parts_left(store_hub) == 0
    assert await balance(store_hub, account) == (350, 0)


async def test_language_and_seed_of_the_first_part_bind_the_others(store_hub: Hub, account: Account) -> None:
    generation = await accepted(store_hub, account, long_order())
    first = await next_claim(store_hub, generation.id)
    assert (first.request.language, first.request.seed) == ("auto", None)
    assert first.request.context == TEXT.replace("\n\n", "\n"), "all of it tells the language"
    await complete_part(store_hub, first, flac(seed=99))
    second = await next_claim(store_hub, generation.id)
    assert (second.request.language, second.request.seed) == ("en", 99)
    assert second.request.context is None


async def test_a_killed_worker_costs_only_the_part_it_was_speaking(
    store_hub: Hub, account: Account, clock: Clock
) -> None:
    generation = await accepted(store_hub, account, long_order())
    await complete_part(store_hub, await next_claim(store_hub, generation.id), flac())
    lost = await next_claim(store_hub, generation.id)
    clock.advance(31)
    assert (await sweep(store_hub)).put_back == 1
    again = await next_claim(store_hub, generation.id)
    assert (again.part, again.tries) == (1, 2)
    assert not await complete_part(store_hub, lost, flac())
    assert await complete_part(store_hub, again, flac())
    assert (await next_claim(store_hub, generation.id)).tries == 1, "tries are counted by part"


async def test_a_reference_serves_every_part(store_hub: Hub, account: Account) -> None:
    generation = await accepted(store_hub, account, long_order(b"sound"))
    for _ in range(3):
        taken = await next_claim(store_hub, generation.id)
        assert taken.request.reference == b"sound"
        await complete_part(store_hub, taken, flac())


async def test_ends_without_audio_leave_no_parts(store_hub: Hub, account: Account, tmp_path: Path) -> None:
    for end in ("cancel", "fail", "erase"):
        generation = await accepted(store_hub, account, long_order())
        await complete_part(store_hub, await next_claim(store_hub, generation.id), flac())
        taken = await next_claim(store_hub, generation.id)
        if end == "cancel":
            await cancel(store_hub, account.id, generation.id)
        elif end == "fail":
            await fail(store_hub, taken, code="x", message="broke", retryable=False)
        else:
            await erase(store_hub, account.id, generation.id)
        assert files(tmp_path) == [], end
        assert await parts_left(store_hub) == 0, end
        assert await balance(store_hub, account) == (500, 0), end
