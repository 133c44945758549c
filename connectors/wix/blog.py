"""Into the post: our player in the draft, and the draft published when nobody else has changed it.

A PATCH never reaches the live post; publishing the draft does, and would publish whatever its author has not
finished too. So the draft is compared before and after our own change, and with what is live.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.contract import Connection, Flow, PushRefused, SpeechResult, Target, TryAgain
from connectors.wix.api import answered, get, part, patch, post
from connectors.wix.media import imported
from connectors.wix.rich_content import audio, audio_node, has_node, with_audio, without_ours

_WRITTEN: Final = (
    "title", "excerpt", "featured", "categoryIds", "tagIds", "hashtags", "relatedPostIds", "media",
    "heroImage", "seoSlug", "seoData", "language", "commentingEnabled", "pricingPlanIds",
)  # fmt: skip
"""What an author may change in a post besides its content."""

_SHOWN_LIVE: Final = ("title", "excerpt", "categoryIds", "tagIds", "hashtags")
"""Those of them that a post is known by outside its draft too."""

Draft = Mapping[str, Any]


def push_into_post(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    """Raises PushRefused where the author is at work: the player is in the draft then, and waits for them."""
    post_id, node_id = target.fields["post"], audio_node(result.spoken_hash)
    draft = yield from _draft(post_id)
    untouched = False
    if not has_node(_content(draft), node_id):
        file = yield from imported(result, target.fields.get("slug", ""))
        draft = yield from _draft(post_id)  # taking the audio in lasts, and the author goes on
        name = connection.options["player_name"] or "Listen to this post"
        node = audio(node_id, file, name, result.duration_seconds)
        yield from _change(draft, node)
        after = yield from _draft(post_id)
        if not has_node(_content(after), node_id):
            raise TryAgain("Wix did not keep the player in the post.")
        untouched = draft.get("hasUnpublishedChanges") is False and _same(draft, after, _WRITTEN)
        draft = after
    elif draft.get("hasUnpublishedChanges") is False:
        return
    if draft.get("status") != "PUBLISHED":
        return  # it goes live with the post
    if not untouched and not _same(draft, (yield from _live(post_id)), _SHOWN_LIVE):
        raise PushRefused(
            "The post has changes its author has not published, so Sayhook does not publish it. The player "
            "is in the draft and goes live with them."
        )
    yield from _publish(post_id, node_id)


def _draft(post_id: str) -> Flow[Draft]:
    shown = yield get(f"blog/v3/draft-posts/{post_id}?fieldsets=RICH_CONTENT")
    return part(answered(shown, "read the post"), "draftPost")


def _live(post_id: str) -> Flow[Draft]:
    shown = yield get(f"blog/v3/posts/{post_id}?fieldsets=RICH_CONTENT")
    return part(answered(shown, "read the published post"), "post")


def _change(draft: Draft, node: Mapping[str, Any]) -> Flow[None]:
    """The content is replaced as a whole: it is what was just read, and the player."""
    changed = {"id": draft.get("id"), "richContent": with_audio(_content(draft), node)}
    action = "UPDATE_PUBLICATION" if draft.get("status") == "PUBLISHED" else "UPDATE"
    order = {"draftPost": changed, "action": action, "fieldsets": ["RICH_CONTENT"]}
    written = yield patch(f"blog/v3/draft-posts/{draft.get('id')}", order)
    answered(written, "put the player into the post")


def _publish(post_id: str, node_id: str) -> Flow[None]:
    """A 200 is no proof: what visitors see is."""
    answered((yield post(f"blog/v3/draft-posts/{post_id}/publish", {})), "publish the post with the player")
    if not has_node(_content((yield from _live(post_id))), node_id):
        raise TryAgain("Wix has not published the player yet.")


def _same(one: Draft, other: Draft, fields: tuple[str, ...]) -> bool:
    """Whether they differ in nothing but our player."""
    if without_ours(_content(one)) != without_ours(_content(other)):
        return False
    return all((one.get(name) or None) == (other.get(name) or None) for name in fields)


def _content(found: Draft) -> Mapping[str, Any]:
    return part(found, "richContent")
