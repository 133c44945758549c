"""Into the post: our player in the draft, and the draft published when nobody else has changed it.

A PATCH never reaches the live post; publishing the draft does, and would publish whatever its author has not
finished too. So nothing is published that had unpublished changes before ours, and the draft is compared
before and after it, in all that an author may change. Where an earlier try put the player in, what is live is
the measure. Wix has no lock and no revision on drafts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.contract import Connection, Flow, PushRefused, SpeechResult, Target, TryAgain
from connectors.wix.api import answered, get, part, patch, post
from connectors.wix.media import imported, kept
from connectors.wix.rich_content import audio, audio_node, has_node, with_audio, without_ours

_WRITTEN: Final = (
    "title", "excerpt", "featured", "categoryIds", "tagIds", "hashtags", "relatedPostIds", "media",
    "heroImage", "seoData", "language", "commentingEnabled", "pricingPlanIds", "memberId", "translationId",
    "firstPublishedDate", "previewTextParagraph",
)  # fmt: skip
"""What an author may change in a post besides its content and its slug (`DraftPost` of `@wix/blog`)."""

_FLAG: Final = "hasUnpublishedChanges"
_EDITED: Final = "editedDate"

Draft = Mapping[str, Any]


def push_into_post(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    """Raises PushRefused where the author is at work: the player is in the draft then, and waits for them."""
    post_id, node_id = target.fields["post"], audio_node(result.spoken_hash)
    draft = yield from _draft(post_id)
    if has_node(_content(draft), node_id):
        if draft.get(_FLAG) is False or draft.get("status") != "PUBLISHED":
            return
        live = yield from _live(post_id)
        draft = yield from _draft(post_id)  # as late as can be: an author may be writing
        is_ours_alone = _same(draft, live)
    else:
        file = yield from imported(target, result)
        name = connection.options["player_name"] or "Listen to this post"
        with kept(result, file):
            draft, is_ours_alone = yield from _put(
                post_id, audio(node_id, file, name, result.duration_seconds)
            )
    if draft.get("status") != "PUBLISHED":
        return  # it goes live with the post
    if not is_ours_alone:
        raise PushRefused(
            "The post has changes its author has not published, so Sayhook does not publish it. The player "
            "is in the draft and goes live with them."
        )
    yield from _publish(post_id, node_id)


def _put(post_id: str, player: Mapping[str, Any]) -> Flow[tuple[Draft, bool]]:
    """The draft with the player, and whether nobody else has changed it since it was published."""
    before = yield from _draft(post_id)  # taking the audio in lasts, and the author goes on
    written = yield from _change(before, player)
    after = yield from _draft(post_id)
    if not has_node(_content(after), player["id"]):
        raise TryAgain("Wix did not keep the player in the post.")
    unedited = written.get(_EDITED) in (None, after.get(_EDITED))
    return after, before.get(_FLAG) is False and unedited and _same(before, after)


def _draft(post_id: str) -> Flow[Draft]:
    """With an excerpt where the author wrote none, as published posts have it."""
    shown = yield get(f"blog/v3/draft-posts/{post_id}?fieldsets=RICH_CONTENT&fieldsets=GENERATED_EXCERPT")
    return _whole(part(answered(shown, "read the post"), "draftPost"), post_id)


def _live(post_id: str) -> Flow[Draft]:
    shown = yield get(f"blog/v3/posts/{post_id}?fieldsets=RICH_CONTENT&fieldsets=SEO")
    return _whole(part(answered(shown, "read the published post"), "post"), post_id)


def _whole(found: Draft, post_id: str) -> Draft:
    """What is written back replaces the content: an answer without it must not empty the post."""
    if found.get("id") != post_id or not isinstance(_content(found).get("nodes"), list):
        raise TryAgain("Wix's answer does not hold the post's content.")
    return found


def _change(draft: Draft, node: Mapping[str, Any]) -> Flow[Draft]:
    """The draft as Wix has it then. Its content is replaced: it is what was just read, and the player."""
    changed = {"id": draft.get("id"), "richContent": with_audio(_content(draft), node)}
    action = "UPDATE_PUBLICATION" if draft.get("status") == "PUBLISHED" else "UPDATE"
    order = {"draftPost": changed, "action": action, "fieldsets": ["RICH_CONTENT"]}
    written = yield patch(f"blog/v3/draft-posts/{draft.get('id')}", order)
    return part(answered(written, "put the player into the post"), "draftPost")


def _publish(post_id: str, node_id: str) -> Flow[None]:
    """A 200 is no proof: what visitors see is."""
    answered((yield post(f"blog/v3/draft-posts/{post_id}/publish", {})), "publish the post with the player")
    if not has_node(_content((yield from _live(post_id))), node_id):
        raise TryAgain("Wix has not published the player yet.")


def _same(one: Draft, other: Draft) -> bool:
    """Whether they differ in nothing but our player."""
    ours, theirs = _content(one), _content(other)
    if without_ours(ours) != without_ours(theirs):
        return False
    if (ours.get("documentStyle") or None) != (theirs.get("documentStyle") or None):
        return False
    slugs = {found for entity in (one, other) if (found := entity.get("seoSlug") or entity.get("slug"))}
    return len(slugs) < 2 and all((one.get(name) or None) == (other.get(name) or None) for name in _WRITTEN)


def _content(found: Draft) -> Mapping[str, Any]:
    return part(found, "richContent")
