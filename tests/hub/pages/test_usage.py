"""What was spent: chart, table, statement, CSV, and the warning before it runs out."""

from __future__ import annotations

import csv

from sqlalchemy import select

from hub.hub import Hub
from hub.store.tables import Delivery
from tests.hub.api.conftest import finished
from tests.hub.conftest import Clock
from tests.hub.pages.conftest import Browser, sign_up
from tests.hub.pages.test_generations import spoken

DAY = 86_400


async def test_the_chart_and_its_table_say_the_same(inside: Browser, hub: Hub, clock: Clock) -> None:
    assert "Nothing spent in these days" in await inside.open("/usage")
    for _ in range(2):
        await finished(hub, await spoken(inside, "Hello."))
    clock.advance(2 * DAY)
    await finished(hub, await spoken(inside, "Hello."))
    await inside.open("/usage?days=7")
    rows = [[cell.text() for cell in row.css("th, td")] for row in inside.page.css(".figures-table tbody tr")]
    assert rows == [["2026-05-05", "1", "50", "50"], ["2026-05-03", "2", "100", "100"]]
    for drawing in inside.page.css(".chart > svg"):
        heights = [float(rect.attributes["height"] or 0) for rect in drawing.css("rect")]
        assert len(heights) == 2
        assert heights[0] == 2 * heights[1]
    assert [caption.text() for caption in inside.page.css("figcaption")] == [
        "Credits by day (UTC) and source",
        "Requests by day (UTC)",
    ]
    assert "dashboard: 150 credits" in inside.text
    clock.advance(6 * DAY)
    assert "dashboard: 50 credits" in await inside.open("/usage?days=7")
    clock.advance(DAY)
    assert "Nothing spent in these days" in await inside.open("/usage?days=7")
    assert "dashboard: 150 credits" in await inside.open("/usage?days=all")


async def test_the_statement_and_the_csv_equal_the_balance(inside: Browser, hub: Hub) -> None:
    wanted = await spoken(inside, "Hello.")
    await finished(hub, wanted)
    await spoken(inside, "Waiting.")
    await inside.open("/usage/statement")
    balances = [row.css("td")[-1].text() for row in inside.page.css("tbody tr")]
    assert balances == ["400", "450", "450", "500"]
    changes = [row.css('[data-label="Credits"]')[0].text() for row in inside.page.css("tbody tr")]
    assert changes == ["-50", "0", "-50", "+500"]
    assert "Spent: the job is done" in inside.text
    answer = await inside.client.get("/usage/statement.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="sayhook-statement-2026-05-03.csv"'
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert (sum(int(row["credits"]) for row in rows), sum(int(row["held"]) for row in rows)) == (400, 50)
    assert rows[2]["generation_id"] == wanted
    older = await inside.open(f"/usage/statement?before={rows[1]['entry']}")
    assert "Opening credits" in older
    assert "Newest" in older


async def test_a_threshold_above_the_balance_tells_the_endpoints_at_once(browser: Browser, hub: Hub) -> None:
    key = await sign_up(browser)
    endpoint = {"url": "https://example.com/hook", "events": ["credits.low"]}
    made = await browser.client.post(
        "/v1/webhooks", json=endpoint, headers={"Authorization": f"Bearer {key}"}
    )
    assert made.status_code == 201, made.text
    await browser.open("/usage")
    await browser.send("/usage/low-credit", credits="600")
    await browser.send("/usage/low-credit", credits="700")
    async with hub.database.reading() as session:
        told = (await session.scalars(select(Delivery))).all()
    assert [(row.event, row.payload["credits"], row.payload["threshold"]) for row in told] == [
        ("credits.low", 500.0, 600.0)
    ]


async def test_the_warning_is_set_shown_and_taken_back(inside: Browser) -> None:
    await inside.open("/usage")
    await inside.send("/usage/low-credit", credits="600")
    assert "You will be warned below 600 credits." in inside.text
    assert "Your credits run low: 500 left" in await inside.open("/playground")
    assert inside.attribute(".notice.warn a", "href") == "/pricing"
    await inside.open("/usage")
    await inside.send("/usage/low-credit", credits="0")
    assert "You will not be warned any more." in inside.text
    assert "run low" not in inside.text
    await inside.send("/usage/low-credit", credits="many")
    assert inside.answer.status_code == 422
    assert "whole number from 0 to 1,000,000" in inside.text
