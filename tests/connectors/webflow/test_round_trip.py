"""Our connector against the simulated Webflow: registered, heard, written back, and nothing spoken twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import httpx
import pytest

from connectors.discovery import discover
from connectors.errors import ConnectionBroken, PushRefused, TargetGone, TryAgain
from connectors.values import Choice, Connection
from connectors.webflow.simulated_hooks import SHAPES
from connectors.webflow.simulator import Simulator
from tests.connectors.loop import Loop

WEBFLOW = discover()["webflow"]
HOME = "https://api.webflow.com"
UNCHANGED = "What would be heard has not changed since it was last spoken."
SWEPT = "The whole site was published. Everything that is there is looked through for what is not spoken yet."


class Pair:
    """One Webflow and one hub that know each other, and a clock for both."""

    def __init__(self) -> None:
        self.later = timedelta()
        self.simulator = Simulator(HOME, post=self._post, now=self.now)
        self.studio, self.posts, self.site = self.simulator.studio, self.simulator.posts, self.simulator.site
        self.simulator.oauth.rate = 100_000
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.simulator.app))
        credentials = self.simulator.credentials
        connection = Connection("c1", "webflow", WEBFLOW.options({}))
        secret = credentials["client_secret"]
        self.loop = Loop(WEBFLOW, self.client, credentials, connection, secret=secret, now=self.now)
        self.answer, self.pushed = 200, 0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        return self.answer if self.answer != 200 else await self.loop.receive(url, headers, body)

    async def settle(self) -> None:
        """Send what is due and push what is spoken, until nothing happens any more."""
        for _ in range(10):
            sent = await self.simulator.hooks.send_due()
            for order in self.loop.spoken[self.pushed :]:
                await self.loop.push(order)
            if not sent and self.pushed == len(self.loop.spoken):
                return
            self.pushed = len(self.loop.spoken)
        pytest.fail("Webflow and the hub keep each other busy for ever.")

    async def page(self, path: str) -> str:
        return (await self.client.get(HOME + path)).text

    def choose(self, **options: str) -> None:
        connection = self.loop.connection
        self.loop.connection = replace(connection, options=WEBFLOW.options(options))

    def publish(self, *names: str, body: str = "<p>First.</p>") -> list[str]:
        made = [
            self.studio.create(self.posts, {"name": name, "post-body": body}, draft=False)["id"]
            for name in names
        ]
        self.studio.publish(self.posts, made)
        return made

    @property
    def heard(self) -> list[str]:
        return [order.request.text for order in self.loop.spoken]


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    async with made.client:
        await made.loop.connect()
        yield made


async def test_connecting_again_leaves_no_second_hook_and_disconnecting_none(pair: Pair) -> None:
    first = set(pair.simulator.hooks.webhooks)
    await pair.loop.connect()
    hooks = list(pair.simulator.hooks.webhooks.values())
    assert [hook.trigger for hook in hooks] == ["collection_item_published", "site_publish"]
    assert not first & {hook.id for hook in hooks}
    assert {hook.url for hook in hooks} == {"https://hub.example/hooks/webflow/c1"}
    await pair.loop.disconnect()
    assert pair.simulator.hooks.webhooks == {}
    await pair.loop.disconnect()


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_post_gets_its_voice_however_it_is_wrapped(pair: Pair, shape: str) -> None:
    pair.simulator.hooks.shape = shape
    path = await pair.simulator.act()
    assert "<audio" not in await pair.page(path)
    await pair.settle()
    assert pair.heard == ["The Earth. It is mostly harmless, and blue from afar."]
    assert '<audio controls preload="none" aria-labelledby="sayhook-label" src="https://' in await pair.page(
        path
    )
    assert pair.loop.ignored == [UNCHANGED]
    assert set(pair.loop.answers) == {200}


async def test_an_editor_s_unfinished_work_stays_unseen_and_unspoken(pair: Pair) -> None:
    (item,) = pair.publish("Earth")
    await pair.simulator.hooks.send_due()
    changes = {"fieldData": {"post-body": "<p>Unfinished.</p>"}, "isDraft": True}
    pair.studio.change(pair.posts, item, changes, live=False)
    await pair.settle()
    live = pair.studio.item(pair.posts, item, live=True)["fieldData"]
    staged = pair.studio.item(pair.posts, item)
    assert live["post-body"] == "<p>First.</p>"
    assert staged["fieldData"]["post-body"] == "<p>Unfinished.</p>"
    assert staged["isDraft"]
    assert live["audio-url"] == staged["fieldData"]["audio-url"]
    assert live["audio-url"].startswith("https://hub.example/a/")
    pair.studio.publish(pair.posts, [item])
    await pair.settle()
    assert pair.heard == ["Earth. First.", "Earth. Unfinished."]
    assert pair.studio.item(pair.posts, item, live=True)["fieldData"]["audio-url"] == live["audio-url"]


async def test_each_text_is_spoken_once_however_often_it_is_announced(pair: Pair) -> None:
    random = Random(5)
    items = pair.publish(*(f"Post {n}" for n in range(20)))
    await pair.settle()
    edits = [item for item in items for _ in range(5)]
    random.shuffle(edits)
    for edit, item in enumerate(edits):
        pair.simulator.hooks.shape = random.choice(SHAPES)
        pair.studio.change(pair.posts, item, {"fieldData": {"post-body": f"Edit {edit}."}}, live=False)
        pair.studio.publish(pair.posts, [item])
        pair.studio.publish(pair.posts, [item])
        await pair.settle()
    assert len(pair.heard) == len(set(pair.heard)) == 20 + 100


async def test_a_sweep_speaks_what_was_missed_and_mends_the_hooks(pair: Pair) -> None:
    """Four failures in half an hour switch the webhook off; a day later all of it is spoken after all."""
    pair.publish("Heard")
    await pair.settle()
    started = pair.now()
    pair.answer = 503
    pair.later += timedelta(seconds=1)
    pair.publish("Missed", "Missed too")
    for minutes in (0, 10, 20, 30):
        assert all(hook.active for hook in pair.simulator.hooks.webhooks.values()), minutes
        await pair.simulator.hooks.send_due()
        pair.later += timedelta(minutes=10, seconds=1)
    assert [hook.active for hook in pair.simulator.hooks.webhooks.values()] == [False, True]
    pair.publish("Missed as well")
    pair.answer = 200
    await pair.settle()
    assert pair.heard == ["Heard. First."]
    assert await pair.loop.sweep(started) == 3
    assert sorted(pair.heard) == [
        "Heard. First.",
        *(f"Missed{end}. First." for end in (" as well", " too", "")),
    ]
    assert all(hook.active for hook in pair.simulator.hooks.webhooks.values())
    await pair.settle()
    assert await pair.loop.sweep() == 4
    assert len(pair.heard) == 4


async def test_a_whole_site_s_publish_is_looked_through(pair: Pair) -> None:
    pair.studio.create(pair.posts, {"name": "Queued", "post-body": "<p>Now.</p>"}, draft=False)
    pair.studio.publish_site(pair.site)
    await pair.settle()
    assert pair.loop.ignored == [SWEPT]
    await pair.loop.sweep()
    assert pair.heard == ["Queued. Now."]


async def test_a_large_catalogue_is_read_page_by_page(pair: Pair) -> None:
    """Over two collections; one that was deleted meanwhile does not hide the other."""
    more = pair.studio.add_collection(pair.site, "Notes", ("Text", "PlainText"), ("Audio URL", "Link"))
    pair.publish(*(f"Post {n}" for n in range(230)))
    note = pair.studio.create(more, {"name": "Note", "text": "Short."}, draft=False)
    pair.studio.publish(more, [note["id"]])
    pair.simulator.hooks.waiting.clear()
    assert await pair.loop.sweep() == 231
    assert len(set(pair.heard)) == 231
    assert "Note. Short." in pair.heard
    assert WEBFLOW.backfill is not None
    alone = await pair.loop.run(WEBFLOW.backfill(pair.loop.connection, f"{pair.posts.id}:200"))
    assert (len(alone.found), alone.after, alone.total) == (30, f"{more.id}:0", None)
    del pair.studio.collections[pair.posts.id]
    gone = await pair.loop.run(WEBFLOW.backfill(pair.loop.connection, None))
    assert (gone.found, gone.after) == ((), f"{more.id}:0")
    assert (await pair.loop.run(WEBFLOW.backfill(pair.loop.connection, "unknown:0"))).after is None
    nothing = replace(pair.loop.connection, state={})
    assert (await pair.loop.run(WEBFLOW.backfill(nothing, None))).found == ()


async def test_every_language_is_an_item_of_its_own(pair: Pair) -> None:
    pair.choose(language="{{ locale }}")
    (item,) = pair.publish("Earth")
    german = list(pair.site.tags)[1]
    copy = {**pair.studio.item(pair.posts, item), "cmsLocaleId": german}
    copy["fieldData"] = {"name": "Erde", "slug": "erde", "post-body": "<p>Blau.</p>"}
    pair.posts.staged[item, german] = copy
    pair.studio.publish(pair.posts, [item])
    await pair.settle()
    spoken = {order.request.text: order.request.language for order in pair.loop.spoken}
    assert spoken == {"Earth. First.": "en", "Erde. Blau.": "de"}
    addresses = {
        pair.studio.item(pair.posts, item, locale, live=True)["fieldData"]["audio-url"]
        for locale in pair.site.tags
    }
    assert len(addresses) == 2


async def test_an_item_taken_off_or_deleted_meanwhile(pair: Pair) -> None:
    off, kept, deleted = pair.publish("Off", "Kept", "Deleted")
    pair.studio.take_off(pair.posts, off)
    await pair.simulator.hooks.send_due()
    assert pair.loop.ignored == ["The item is no longer published."]
    pair.studio.take_off(pair.posts, kept)
    pair.studio.delete(pair.posts, deleted)
    orders = pair.loop.spoken
    await pair.loop.push(orders[0])
    assert pair.studio.item(pair.posts, kept)["fieldData"]["audio-url"].startswith("https://hub.example/a/")
    with pytest.raises(TargetGone):
        await pair.loop.push(orders[1])


async def test_a_chosen_collection_gets_the_field_it_lacks(pair: Pair) -> None:
    notes = pair.studio.add_collection(pair.site, "Notes", ("Text", "PlainText"), ("Rank", "Number"))
    pair.choose(collection=notes.id)
    await pair.loop.connect()
    assert notes.fields[-1]["slug"] == "audio-url"
    assert notes.fields[-1]["displayName"] == "Audio URL"
    item = pair.studio.create(notes, {"name": "A note", "text": "Buy milk."}, draft=False)
    pair.studio.publish(notes, [item["id"]])
    pair.publish("Not read")
    await pair.settle()
    assert pair.heard == ["A note. Buy milk."]
    assert pair.loop.ignored[0].startswith("The item's collection is not read")


async def test_what_can_be_picked(pair: Pair) -> None:
    other = pair.studio.add_site("Bureau")
    pair.studio.add_collection(other, "Desks")
    pair.simulator.oauth.grants[pair.loop.credentials["access_token"]].sites = (pair.site.id, other.id)

    async def offered(option: str, **chosen: str) -> list[Choice]:
        assert WEBFLOW.choices is not None
        pair.choose(**chosen)
        found: list[Choice] = await pair.loop.run(WEBFLOW.choices(pair.loop.connection, option))
        return found

    assert await offered("site") == [Choice(pair.site.id, "Atlas"), Choice(other.id, "Bureau")]
    collections = await offered("collection")
    assert [choice.label for choice in collections] == ["Blog posts (Atlas)", "Desks (Bureau)"]
    assert [choice.label for choice in await offered("collection", site=other.id)] == ["Desks (Bureau)"]
    chosen = {"collection": pair.posts.id}
    texts = await offered("text_field", **chosen)
    assert texts == [Choice("post-body", "Post Body"), Choice("post-summary", "Post Summary")]
    audio = await offered("audio_field", **chosen)
    assert [choice.value for choice in audio] == ["post-summary", "audio-url"]
    assert await offered("text_field") == []


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"site": "other"}, ConnectionBroken, "Webflow shows Sayhook no such site of yours"),
        (
            {"audio_field": "sound"},
            PushRefused,
            "No collection has a field “sound”. Add one",
        ),
        ({"collection": "none"}, PushRefused, "The chosen collection has no field “audio-url”"),
        ({"audio_field": "post-body"}, PushRefused, "No collection has a field “post-body”"),
    ],
)
async def test_a_choice_that_does_not_work_is_told(
    pair: Pair, options: dict[str, str], error: type[Exception], sentence: str
) -> None:
    pair.choose(**options)
    with pytest.raises(error, match=f"^{sentence}"):
        await pair.loop.connect()


async def test_what_is_wrong_with_the_permission_is_told(pair: Pair) -> None:
    grants, token = pair.simulator.oauth.grants, pair.loop.credentials["access_token"]
    grants[token].scopes = ("sites:read", "cms:read")
    with pytest.raises(ConnectionBroken, match=r"the permission sites:write, cms:write\. Connect again"):
        await pair.loop.connect()
    del grants[token]
    with pytest.raises(ConnectionBroken, match="it answered 401"):
        await pair.loop.connect()


async def test_too_many_requests_are_tried_again_when_webflow_says(pair: Pair) -> None:
    pair.simulator.oauth.rate = 1
    with pytest.raises(TryAgain) as caught:
        await pair.loop.connect()
    assert caught.value.retry_after == "60"


async def test_a_hub_that_webflow_cannot_reach_is_told(pair: Pair) -> None:
    hook = replace(pair.loop.hook, url="http://hub.internal/hooks/webflow/c1")
    assert WEBFLOW.connect is not None
    with pytest.raises(PushRefused, match="does not take this hub's address"):
        await pair.loop.run(WEBFLOW.connect(pair.loop.connection, hook))


async def test_another_app_s_webhooks_are_refused(pair: Pair) -> None:
    pair.simulator.hooks.secret = "another"
    await pair.simulator.act()
    await pair.simulator.hooks.send_due()
    assert pair.loop.answers == [401]
    assert pair.heard == []


async def test_an_owner_may_have_many_sites(pair: Pair) -> None:
    """More requests than one event may make."""
    for number in range(11):
        site = pair.studio.add_site(f"Site {number}")
        pair.studio.add_collection(site, "Posts", ("Body", "RichText"), ("Audio URL", "Link"))
    grant = pair.simulator.oauth.grants[pair.loop.credentials["access_token"]]
    grant.sites = tuple(pair.studio.sites)
    await pair.loop.connect()
    assert len(pair.simulator.hooks.webhooks) == 24
    grant.sites = grant.sites[:1]
    await pair.loop.connect()
    ours = [hook for hook in pair.simulator.hooks.webhooks.values() if hook.site == pair.site.id]
    assert len(ours) == 2
