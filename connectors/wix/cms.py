"""Into a field of a CMS collection: the item that names the post, made where there is none (Wix Data v2)."""

from __future__ import annotations

from typing import Any

from connectors.contract import Connection, Flow, PushRefused, SpeechResult, Target
from connectors.wix.api import answered, part, patch, post


def push_into_collection(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    options = connection.options
    collection, audio_field, post_field = (
        options["collection"],
        options["audio_field"],
        options["post_field"],
    )
    if not collection or not audio_field or not post_field:
        raise PushRefused(
            "No CMS collection is chosen. Fill in its ID and its two fields, then replay the event."
        )
    wanted = {"filter": {post_field: target.fields["post"]}, "paging": {"limit": 1}}
    query = {"dataCollectionId": collection, "query": wanted}
    looked = yield post("wix-data/v2/items/query", query)
    if looked.status == 404:  # the post is there; what was filled in for it is not
        raise PushRefused(
            f"There is no CMS collection “{collection}” on the site. Correct its ID, then replay the event."
        )
    shown = answered(looked, "look into the CMS collection")
    items = shown.get("dataItems")
    item: Any = items[0] if isinstance(items, list) and items else None
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        data = {post_field: target.fields["post"], audio_field: result.output_url}
        made = {"dataCollectionId": collection, "dataItem": {"data": data}}
        answered((yield post("wix-data/v2/items", made)), "add an item to the CMS collection")
    elif part(item, "data").get(audio_field) != result.output_url:
        change = {
            "fieldPath": audio_field,
            "action": "SET_FIELD",
            "setFieldOptions": {"value": result.output_url},
        }
        order = {
            "dataCollectionId": collection,
            "patch": {"dataItemId": item["id"], "fieldModifications": [change]},
        }
        answered((yield patch(f"wix-data/v2/items/{item['id']}", order)), "write to the CMS item")
