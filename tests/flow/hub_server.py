"""Fixtures: one hub for all flow, client and browser tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from _pytest.fixtures import SubRequest
from pydantic import SecretStr

from hub.settings import App
from tests.flow.api_account import ApiAccount
from tests.flow.running_hub import RunningHub, free_port, running_hub

TESTS = Path(__file__).parents[1]
GROUPS = {TESTS / "flow": "hub", TESTS / "clients": "hub", TESTS / "browser": "browser"}
QUEUE_LIMIT = 40
_end_hub = pytest.StashKey[Callable[[], None]]()
SHOP_PORT = free_port()
"""Where a test may serve a simulated Shopify shop, which the hub then takes for the real one."""

SHOP_APP = App(client_id="sayhook-tests", client_secret=SecretStr("shpss_" + "7e57" * 8))
STAND_INS = {"https://sayhook-demo.myshopify.com": f"http://127.0.0.1:{SHOP_PORT}"}
REFERENCE_TEXT = (
    "The morning train leaves the harbour at a quarter past six, and by the time the fog has lifted "
    "the passengers are reading their papers over the first cup of coffee."
)


@pytest.hookimpl(tryfirst=True)  # the parallel run reads the groups in a hook of its own
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share the running hub stay in one process of a parallel run (`--dist loadgroup`)."""
    for item in items:
        group = next((name for folder, name in GROUPS.items() if item.path.is_relative_to(folder)), None)
        if group is None:
            continue
        item.add_marker(pytest.mark.timeout(300))
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Ends the hub after the last test of a group, and what was made with it: to the end of the session an
    idle one would keep a ninth of a processor busy.
    """
    yield
    if nextitem is not None and _group(nextitem) != _group(item):
        item.config.stash.get(_end_hub, lambda: None)()


def _group(item: pytest.Item) -> str | None:
    marker = item.get_closest_marker("xdist_group")
    return marker and marker.args[0]


@pytest.fixture(scope="session")
def hub_server(request: SubRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """As a user's machine runs it, with one speak worker; but it may call here, and misses soon what died.

    It takes fewer waiting jobs, which is still more than any test here sends on the way to something else.
    """
    request.config.stash[_end_hub] = lambda: request._fixturedef.finish(request)
    with running_hub(
        tmp_path_factory.mktemp("hub") / "data",
        SAYHOOK_HEARTBEAT="1",
        SAYHOOK_LEASE="6",
        SAYHOOK_SWEEP_INTERVAL="1",
        SAYHOOK_ALLOW_PRIVATE_CALLBACKS="true",
        SAYHOOK_QUEUE_LIMIT=str(QUEUE_LIMIT),
        SAYHOOK_APPS=json.dumps(
            {
                "shopify": {
                    "client_id": SHOP_APP.client_id,
                    "client_secret": SHOP_APP.client_secret.get_secret_value(),
                }
            }
        ),
        SAYHOOK_STAND_INS=json.dumps(STAND_INS),
    ) as hub:
        yield hub


@pytest.fixture
def account(hub_server: RunningHub) -> ApiAccount:
    """A fresh account with its 500 credits."""
    return hub_server.new_account(plan="paid")


@pytest.fixture(scope="session")
def reference(hub_server: RunningHub) -> bytes:
    """A recording to clone, as WAV; about eight seconds, spoken by the hub itself."""
    return hub_server.new_account(plan="paid").speak(REFERENCE_TEXT, voice_description="a calm woman")
