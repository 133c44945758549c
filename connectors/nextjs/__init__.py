"""Next.js: what an app announces by `@sayhook/next`, and the audio's address to its route, both signed."""

from __future__ import annotations

import re

from pydantic import Field

from connectors.contract import (
    Connection,
    Flow,
    Ignored,
    InboundEvent,
    Payload,
    PushRefused,
    Request,
    SpeechOrder,
    SpeechResult,
    Target,
    TryAgain,
    accepted,
    compose,
    instant,
    read_payload,
)

READY = "audio.ready"
_ROUTE = re.compile(r"/[A-Za-z0-9._~/-]{1,200}")


class Thing(Payload):
    """What was published: the part of an announcement's `data` that is needed whatever the template reads."""

    id: str = Field(min_length=1, max_length=200)
    title: str = ""
    text: str = ""
    updated_at: str = ""


class Announcement(Payload):
    data: dict[str, object]


def parse(event: InboundEvent, connection: Connection) -> SpeechOrder | Ignored:
    fields = read_payload(Announcement, event.payload).data
    thing = read_payload(Thing, fields)
    target = Target(f"post:{thing.id}", {"id": thing.id}, as_of=instant(thing.updated_at))
    return compose(connection, {**fields, "title": thing.title, "text": thing.text}, target)


def push(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    """One message, with the same id however often it is tried: the app does its work once."""
    route = connection.options["route"]
    if not _ROUTE.fullmatch(route) or "//" in route:
        raise PushRefused("The route must be a path such as /api/voice/webhook; mend it in the options.")
    body = {
        "type": READY,
        "data": {
            "id": target.fields["id"],
            "audio_url": result.output_url,
            "duration_seconds": result.duration_seconds,
            "media_type": result.media_type,
            "language": result.language,
            "generation_id": result.generation_id,
            "spoken_hash": result.spoken_hash,
        },
    }
    headers = {"webhook-id": f"msg_{result.generation_id}"}
    told = yield Request("POST", f"{connection.address}{route}", headers, body)
    if told.status in (404, 405):
        raise TryAgain(f"The app has no route {route} that takes a POST: deploy it, or mend the option.")
    accepted(told, f"tell its route {route}")
