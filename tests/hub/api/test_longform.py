"""Ordering a whole chapter: its price, its parts, and what is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hub.api import text_file
from hub.hub import Hub
from hub.jobs import find
from hub.jobs.parts import parts_of
from tests.engine.longform.books import book
from tests.hub.api.conftest import Customer, new_customer, status_of

SENTENCE = "It was a quiet night by the sea, and nobody on the pier said a word. "
CHAPTER = "# One\n\nA **bold** start.\n\n```\nnot read\n```\n\n# Two\n\nThe end."


async def order(client: httpx.AsyncClient, customer: Customer, **sent: Any) -> httpx.Response:
    return await client.post("/v1/tts/longform", headers=customer.headers, **sent)


async def test_each_part_is_charged_and_the_answer_is_that_of_generate(
    client: httpx.AsyncClient, hub: Hub
) -> None:
    customer = await new_customer(hub, "reader@example.com", credits=1000)
    answer = await order(client, customer, data={"text": SENTENCE * 20})
    assert answer.status_code == 202, answer.text
    assert answer.json()["credits_used"] == 150.0
    assert (await status_of(client, customer, answer.json()["id"]))["status"] == "queued"
    account = (await client.get("/v1/account", headers=customer.headers)).json()
    assert (account["credits"], account["held"]) == (1350.0, 150.0)


@pytest.mark.parametrize(("kind", "parts"), [("markdown", 4), ("plain", 5)])
async def test_markdown_is_read_without_its_marks(
    client: httpx.AsyncClient, hub: Hub, customer: Customer, kind: str, parts: int
) -> None:
    answer = await order(client, customer, json={"text": CHAPTER, "text_kind": kind})
    async with hub.database.reading() as session:
        generation = await find(session, customer.account_id, answer.json()["id"])
        rows = await parts_of(session, generation.id)
    texts = [row.text for row in rows]
    assert len(texts) == parts
    assert ("A bold start." in texts) == (kind == "markdown")
    assert [row.heading for row in rows if row.heading] == (["One", "Two"] if kind == "markdown" else [])


@pytest.mark.parametrize(
    ("sent", "status", "begins"),
    [
        ({"text": "  "}, 400, "Text cannot be empty"),
        ({"text": "(cheerful)"}, 400, "Text cannot be empty"),
        ({"text": "```\ncode only\n```", "text_kind": "markdown"}, 400, "Text cannot be empty"),
        ({"text": "a " * 25_001}, 400, "Text must be at most 50000 characters"),
        ({"text": SENTENCE * 200}, 402, "Insufficient credits: this request costs"),
        ({"text": "Hello.", "text_kind": "html"}, 422, "text_kind: "),
        ({"text": "Hello.", "cfg_value": "abc"}, 422, "cfg_value: "),
    ],
)
async def test_refusals_leave_nothing(
    client: httpx.AsyncClient, customer: Customer, sent: dict[str, str], status: int, begins: str
) -> None:
    answer = await order(client, customer, data=sent)
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(begins)
    listed = (await client.get("/v1/tts/generations", headers=customer.headers)).json()
    assert listed["data"] == []
    assert (await client.get("/v1/account", headers=customer.headers)).json()["held"] == 0.0


async def test_the_same_key_is_one_chapter(client: httpx.AsyncClient, customer: Customer) -> None:
    customer_headers = {**customer.headers, "Idempotency-Key": "chapter-1"}
    answers = [
        await client.post("/v1/tts/longform", data={"text": text}, headers=customer_headers)
        for text in ("One.\n\nTwo.", "One.\n\nTwo.", "One.\n\nThree.")
    ]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[2].status_code == 409


async def send_file(
    client: httpx.AsyncClient, customer: Customer, data: bytes, name: str = "book.epub", **fields: str
) -> httpx.Response:
    return await order(client, customer, data=fields, files={"file": (name, data)})


async def texts_of(hub: Hub, answer: httpx.Response) -> list[tuple[str, str | None]]:
    assert answer.status_code == 202, answer.text
    async with hub.database.reading() as session:
        return [(part.text, part.heading) for part in await parts_of(session, answer.json()["id"])]


async def test_a_book_is_spoken_whole_or_by_section(
    client: httpx.AsyncClient, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await new_customer(hub, "book@example.com", credits=1000)
    whole = await texts_of(hub, await send_file(client, customer, book()))
    assert whole[0] == ("The Sea", "The Sea")
    assert ("It was calm that morning. Nobody * spoke & slept.", None) in whole
    second = await texts_of(hub, await send_file(client, customer, book(), section="2"))
    assert second == [("Two", "Two"), ("1. First", None), ("# Second", None)]
    monkeypatch.setattr(text_file, "MAX_CHARACTERS", 60)
    long = await send_file(client, customer, book())
    assert long.status_code == 400
    assert (
        "its 2 sections at a time, by its number in the field section: 1 The Sea; 2 Two."
        in long.json()["detail"]
    )


async def test_files_of_text_are_read_by_their_names(
    client: httpx.AsyncClient, hub: Hub, customer: Customer
) -> None:
    marked = await texts_of(hub, await send_file(client, customer, b"# One\n\nHello.", "a.MD"))
    assert marked == [("One", "One"), ("Hello.", None)]
    plain = await texts_of(hub, await send_file(client, customer, b"\xef\xbb\xbf# One", "a.txt"))
    assert plain == [("# One", None)]
    for data, fields, told in (
        (b"PK\x03\x04", {}, "The file could not be read as an EPUB book"),
        (b"\xff\xfe\x00", {}, "The file must be an EPUB book, or text in UTF-8."),
        (b"Hello.", {"text": "Also."}, "text: must not be sent together with file."),
        (book(), {"section": "3"}, "section: must be a whole number from 1 to 2."),
    ):
        answer = await send_file(client, customer, data, **fields)
        assert answer.status_code in (400, 422)
        assert answer.json()["detail"].startswith(told)
