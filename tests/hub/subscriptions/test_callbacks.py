"""Callbacks of paused steps: once, in the flat shape, for a day, and also when they were late to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import select

from hub.store.tables import Delivery
from tests.hub.connections.conftest import Workshop
from tests.hub.subscriptions.builder import Builder, running_builder
from tests.hub.subscriptions.hands import Hands
from tests.hub.subscriptions.test_hooks import links_apart, voiced


@pytest_asyncio.fixture
async def builder() -> AsyncIterator[Builder]:
    async with running_builder() as running:
        yield running


async def deliveries(workshop: Workshop) -> list[Delivery]:
    async with workshop.hub.database.reading() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.created_at)))


async def test_a_paused_step_is_called_back_in_the_flat_shape(workshop: Workshop, builder: Builder) -> None:
    shown = await voiced(workshop, callback_url=f"{builder.url}/back/")
    (heard,) = builder.heard
    assert list(heard.document) == list(shown)
    assert links_apart(heard.document) == links_apart(shown)


async def test_a_long_text_is_one_voiceover(workshop: Workshop, builder: Builder) -> None:
    text = "This is a sentence of a chapter. " * 40
    shown = await voiced(workshop, text, callback_url=f"{builder.url}/back/", mode="ignored")
    assert shown["credits_used"] > 50
    assert "mode is not known" in shown["warnings"]
    assert [one.document["status"] for one in builder.heard] == ["completed"]


@pytest.mark.parametrize("late", [False, True])
async def test_who_asks_late_is_called_once_too(workshop: Workshop, builder: Builder, late: bool) -> None:
    made = await workshop.call("POST", "/v1/voiceovers", 202, json={"text": "Good morning."})
    path = f"/v1/voiceovers/{made['id']}/callback"
    if late:
        await workshop.settle()
    for _ in range(2):
        await workshop.call("POST", path, json={"callback_url": f"{builder.url}/back/"})
        await workshop.settle()
    assert [one.document["status"] for one in builder.heard] == ["completed"]
    other = {"callback_url": f"{builder.url}/other/"}
    assert (await workshop.call("POST", path, 409, json=other))["code"] == "callback_taken"
    await workshop.call("POST", path, 422, json={"callback_url": "ftp://x"})


@pytest.mark.parametrize(("status", "tries", "minutes"), [(404, 4, (6, 10)), (410, 1, (0, 1))])
async def test_a_step_that_is_gone_is_not_called_again(
    workshop: Workshop, builder: Builder, status: int, tries: int, minutes: tuple[int, int]
) -> None:
    builder.judge = lambda _: status
    await voiced(workshop, callback_url=f"{builder.url}/back/")
    hands = Hands(workshop.hub)
    begun = hands.at
    await hands.deliver()
    (one,) = await deliveries(workshop)
    assert (one.status, one.attempts) == ("failed", tries)
    assert minutes[0] <= (hands.at - begun).total_seconds() / 60 <= minutes[1]


async def test_a_step_that_is_called_before_it_waits_is_called_again(
    workshop: Workshop, builder: Builder
) -> None:
    builder.answers["/back/"] = [404, 404]
    await voiced(workshop, callback_url=f"{builder.url}/back/")
    await Hands(workshop.hub).deliver()
    assert [one.status for one in await deliveries(workshop)] == ["delivered"]


async def test_a_callback_that_fails_is_tried_for_a_day_and_no_longer(
    workshop: Workshop, builder: Builder
) -> None:
    builder.judge = lambda _: 500
    await voiced(workshop, callback_url=f"{builder.url}/back/")
    hands = Hands(workshop.hub)
    begun = hands.at
    await hands.deliver()
    assert len(builder.heard) == 15
    (one,) = await deliveries(workshop)
    assert one.status == "failed"
    assert 19 < (hands.at - begun).total_seconds() / 3600 < 29
