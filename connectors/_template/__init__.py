"""Platform: notes in by a signed webhook, the audio's address back into the note."""

from __future__ import annotations

from connectors.contract import (
    Connection,
    Flow,
    Ignored,
    InboundEvent,
    Payload,
    Request,
    SpeechOrder,
    SpeechResult,
    Target,
    accepted,
    compose,
    read_payload,
)


class Note(Payload):
    """The few fields that decide whether and how a note is read; all others stay for the owner's template."""

    id: int
    status: str


def parse(event: InboundEvent, connection: Connection) -> SpeechOrder | Ignored:
    note = read_payload(Note, event.payload)
    if note.status != "published":
        return Ignored(f"The note is not published; its status is {note.status[:20]}.")
    return compose(connection, event.payload, Target(f"note:{note.id}", {"id": str(note.id)}))


def push(connection: Connection, target: Target, result: SpeechResult) -> Flow[None]:
    url = f"https://api.platform.example/notes/{target.fields['id']}"
    written = yield Request("PATCH", url, json={"audio_url": result.output_url})
    accepted(written, "write the audio's address to the note")
