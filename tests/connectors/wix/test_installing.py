"""Whose installation a browser brings, where Wix itself is asked; and how long Wix goes on trying."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import ArrivalRefused, ConnectionBroken, ConnectorError, TryAgain
from connectors.flow import Response
from connectors.values import AppKeys, Connection, Hook, Installed
from connectors.wix import connect, installed
from connectors.wix.installing import verified_here
from connectors.wix.simulated_app import Installations
from connectors.wix.simulated_hooks import RETRIES, Dispatch
from tests.connectors.fixtures import NOW, play

INSTANCE = "b0c1d2e3-1111-4222-8333-444455556666"
APP = AppKeys("app-1", "secret-1")
INFO = "https://www.wixapis.com/oauth2/token-info"
SITE = "https://www.wixapis.com/apps/v1/instance"


def came(query: str, *answers: tuple[int, Any]) -> Installed:
    asked = {"method": "POST", "url": INFO, "json": {"token": "opaque"}}
    steps = [{"request": asked, "response": {"status": status, "json": answer}} for status, answer in answers]
    return play(installed(query, APP, NOW), steps)


def known(**changed: Any) -> Mapping[str, Any]:
    issued = str(int(NOW.timestamp()) - 60)
    says = {
        "clientId": "app-1",
        "instanceId": INSTANCE,
        "siteId": "s-1",
        "subjectType": "USER",
        "iat": issued,
    }
    return {"active": True, **says, **changed}


BACK = f"appId=app-1&tenantId=s-1&instanceId={INSTANCE}&signedInstance=opaque"


@pytest.mark.parametrize("at", [str(int(NOW.timestamp()) - 60), NOW.isoformat(), int(NOW.timestamp())])
def test_wix_itself_says_whose_it_is(at: object) -> None:
    found = came(BACK, (200, known(iat=at)))
    assert (found.credentials, found.external_id) == ({"instance_id": INSTANCE}, INSTANCE)
    assert found.state["site_id"] == "s-1"


@pytest.mark.parametrize(
    ("query", "answers", "error"),
    [
        (BACK, [(200, known(active=False))], ArrivalRefused),
        (BACK, [(200, known(clientId="app-2"))], ArrivalRefused),
        (BACK, [(200, known(instanceId="other"))], ArrivalRefused),
        (BACK, [(200, known(siteId="s-2"))], ArrivalRefused),
        (BACK, [(200, known(siteId=None))], ArrivalRefused),
        (BACK, [(200, known(subjectType="VISITOR"))], ArrivalRefused),
        (BACK, [(200, known(subjectType="MEMBER"))], ArrivalRefused),
        (BACK, [(200, known(subjectType=None))], ArrivalRefused),
        (BACK.replace("s-1", ""), [], ArrivalRefused),
        (BACK.replace("tenantId=s-1&", ""), [], ArrivalRefused),
        (BACK, [(200, known(iat="soon"))], ArrivalRefused),
        (BACK, [(200, known(iat=None))], ArrivalRefused),
        (BACK, [(200, known(iat=1))], ArrivalRefused),
        (BACK, [(401, {})], ArrivalRefused),
        (BACK, [(503, {})], TryAgain),
        (BACK, [(200, [])], TryAgain),
        (f"{BACK}&instanceId={INSTANCE}", [], ArrivalRefused),
        (f"{BACK}&x=%ff", [], ArrivalRefused),
        (BACK.replace("opaque", ""), [], ArrivalRefused),
    ],
)
def test_what_nobody_vouches_for_is_refused(
    query: str, answers: list[tuple[int, Any]], error: type[ConnectorError]
) -> None:
    with pytest.raises(error):
        came(query, *answers)


def test_a_string_of_the_app_s_own_needs_nobody_else() -> None:
    app = Installations(lambda: NOW)
    signed = app.signed_instance(INSTANCE)
    assert verified_here(signed, app.secret) == {
        "app": app.app_id,
        "instance": INSTANCE,
        "trusted": True,
        "at": NOW.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    for permissions, trusted in ((None, False), ("", False), ("MEMBER", False), (..., True)):
        carried = verified_here(app.signed_instance(INSTANCE, permissions=permissions), app.secret)
        assert carried is not None
        assert carried["trusted"] is trusted
    assert verified_here(signed, "") is None
    assert verified_here(signed, "another") is None
    assert verified_here(signed[:-2], app.secret) is None
    assert verified_here("é." + signed, app.secret) is None


NAMED = {"instance": {"instanceId": INSTANCE}}


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"instance": {"instanceId": 7}, "site": {"siteId": "s-1"}},
        NAMED,
        {**NAMED, "site": {}},
        {**NAMED, "site": {"siteId": "s-2"}},
    ],
)
def test_an_installation_without_a_name_or_on_another_site_is_not_connected(shown: Mapping[str, Any]) -> None:
    known = Connection("c1", "wix", {}, state={"site_id": "s-1"})
    flow = connect(known, Hook("https://hub.example/hooks/wix", ""))
    next(flow)
    with pytest.raises(ConnectionBroken):
        flow.send(Response(200, body=str(shown).replace("'", '"').encode()))


async def test_wix_tries_for_two_days_with_the_same_bytes() -> None:
    clock = [datetime(2026, 11, 22, tzinfo=UTC)]
    sent: list[tuple[timedelta, bytes]] = []

    async def away(url: str, headers: Mapping[str, str], body: bytes) -> int:
        sent.append((clock[0] - datetime(2026, 11, 22, tzinfo=UTC), body))
        return 503

    hooks = Dispatch(away, lambda: clock[0])
    hooks.announce(b"nowhere to go yet")
    hooks.url = "https://hub.example/hooks/wix"
    hooks.announce(b"token")
    for _ in range(3 * 24 * 60):
        await hooks.send_due()
        clock[0] += timedelta(minutes=1)
    assert {body for _, body in sent} == {b"token"}
    assert len(sent) == 1 + len(RETRIES) == 13
    assert sent[-1][0] == sum(RETRIES, timedelta()) == timedelta(hours=47, minutes=11)
    assert hooks.given_up == 1
