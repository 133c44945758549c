"""The part of the table of endpoints that is about platforms: their hooks, and owners' connections."""

from __future__ import annotations

from hub.api import connection_examples as examples
from hub.api.endpoint import Answer, Body, Endpoint
from hub.api.fields import JSON_TYPE
from hub.api.routes import connections, filling, hooks, lasting_audio
from hub.api.schemas.connections import (
    Authorise,
    AuthoriseFields,
    ChoiceList,
    ConnectionChanges,
    ConnectionFields,
    ConnectionList,
    ConnectionShown,
    ConnectorList,
    EventFilter,
    EventList,
    EventShown,
)
from hub.api.schemas.filling import FillAgreed, FillPrice

_TAG = "Connections"
_SHOWN = Answer("The connection.", ConnectionShown, example=examples.CONNECTION)
_QUEUED = Answer("It is read now.", EventShown, example=examples.WAITING_EVENT)
_ONE = "/v1/connections/{id}"

HOOKS = (
    Endpoint(
        method="POST",
        path="/hooks/{connector}/{id}",
        handler=hooks.receive_event,
        summary="Take a platform's event",
        description="Where a platform sends the events of one connection, as `hook_url` says it. The body is "
        "kept as it came and answered with 200 once it is on disk; what it means is decided afterwards. The "
        "same delivery twice is one event. One that does not show who sent it is refused with 401 and "
        "counted.",
        tag="Hooks",
        answers={200: Answer("It is kept.")},
        errors=(401, 404, 408, 413),
        repeatable=False,
    ),
    Endpoint(
        method="POST",
        path="/hooks/{connector}",
        handler=hooks.receive_shared_event,
        summary="Take an event of a platform's shared hook",
        description="The same for platforms that send the events of all connections to one address.",
        tag="Hooks",
        answers={200: Answer("It is kept.")},
        errors=(401, 404, 408, 413),
        repeatable=False,
    ),
    Endpoint(
        method="POST",
        path="/hooks/{connector}/{id}/{secret}",
        handler=hooks.receive_event_at_secret,
        summary="Take an event at an address only its sender knows",
        description="For senders that cannot sign: the address, as `hook_url` says it, is the secret.",
        tag="Hooks",
        answers={200: Answer("It is kept.")},
        errors=(401, 404, 408, 413),
        repeatable=False,
        public=False,
    ),
    Endpoint(
        method="POST",
        path="/hooks/{connector}/ask/{version}/{question}",
        handler=hooks.answer_question,
        summary="Answer what a platform asks",
        description="For platforms that wait for an answer, as an automation does for the step it runs. Work "
        "is kept as an event before this answers, and done afterwards.",
        tag="Hooks",
        answers={200: Answer("The answer, in the platform's own form.")},
        errors=(400, 401, 404, 408, 409, 413),
        repeatable=False,
        public=False,
    ),
    Endpoint(
        method="POST",
        path="/connect/{connector}/keys",
        handler=hooks.take_keys,
        summary="Take the keys an owner allowed",
        description="",
        tag="Hooks",
        answers={200: Answer("They are kept until the owner comes back.")},
        public=False,
        repeatable=False,
    ),
    Endpoint(
        method="GET",
        path="/a/{token}.{extension}",
        handler=lasting_audio.get_lasting_audio,
        summary="Play what a platform's page plays",
        description="The lasting address of one product's, page's or post's audio. It stays the same when "
        "the text is spoken anew, and is dead once the connection is removed or the audio erased. Answers "
        "HEAD and Range.",
        tag="Hooks",
        answers={
            200: Answer("The whole file.", media_type="audio/*", headers=("ETag", "Accept-Ranges")),
            206: Answer("The part that Range asked for.", media_type="audio/*", headers=("Content-Range",)),
            304: Answer("The file you have is still right.", headers=("ETag",)),
        },
        errors=(404, 416),
    ),
)

CONNECTIONS = (
    Endpoint(
        method="GET",
        path="/v1/connectors",
        handler=connections.list_connectors,
        summary="List the platforms",
        description="What each one needs to be connected, and the owner's options with their defaults.",
        tag=_TAG,
        scope="connections:read",
        answers={200: Answer("The platforms.", ConnectorList, example={"data": [examples.CONNECTOR]})},
    ),
    Endpoint(
        method="POST",
        path="/v1/connections",
        handler=connections.create_connection,
        summary="Connect a platform",
        description="The credentials are tried, and the platform's webhooks are registered, before this "
        "answers. Platforms whose own pages ask the owner (`auth` is `oauth2`) are connected there: see "
        "`/v1/connections/authorize`.",
        tag=_TAG,
        scope="connections:write",
        body=Body({JSON_TYPE: ConnectionFields}, examples.CONNECTION_FORM),
        answers={
            201: Answer(
                "Connected.",
                ConnectionShown,
                example=examples.CONNECTION,
                headers=("Location", "Idempotency-Replayed"),
            )
        },
        errors=(400, 404, 408, 409, 413, 415, 422),
    ),
    Endpoint(
        method="GET",
        path="/v1/connections",
        handler=connections.get_connections,
        summary="List the connections",
        description="Oldest first.",
        tag=_TAG,
        scope="connections:read",
        answers={200: Answer("The connections.", ConnectionList, example={"data": [examples.CONNECTION]})},
    ),
    Endpoint(
        method="POST",
        path="/v1/connections/authorize",
        handler=connections.authorise_connection,
        summary="Begin where the platform asks the owner",
        description="For platforms with OAuth. Open the address in a browser that is signed in to this hub "
        "as the same account: the platform asks there, and sends the browser back connected. It works once.",
        tag=_TAG,
        scope="connections:write",
        body=Body({JSON_TYPE: AuthoriseFields}, examples.AUTHORISE_FORM),
        answers={201: Answer("Where to send the owner.", Authorise, example=examples.AUTHORISE)},
        errors=(400, 404, 408, 409, 413, 415, 422),
        repeatable=False,
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        handler=connections.get_connection,
        summary="Read a connection",
        description="How it stands, and what it did.",
        tag=_TAG,
        scope="connections:read",
        answers={200: _SHOWN},
        errors=(404,),
    ),
    Endpoint(
        method="PATCH",
        path=_ONE,
        handler=connections.change_connection,
        summary="Change a connection",
        description="New credentials or a new address are tried first; when the platform refuses them "
        "nothing changes. A broken connection that is let in again goes on where it stopped.",
        tag=_TAG,
        scope="connections:write",
        body=Body({JSON_TYPE: ConnectionChanges}, examples.CONNECTION_CHANGES),
        answers={200: _SHOWN},
        errors=(400, 404, 408, 413, 415, 422),
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        handler=connections.delete_connection,
        summary="Disconnect a platform",
        description="Takes its webhooks back where it still lets us, and forgets the connection, its events "
        "and the lasting addresses of its audio. Generations stay.",
        tag=_TAG,
        scope="connections:write",
        answers={204: Answer("Disconnected.")},
        errors=(404,),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/pause",
        handler=connections.pause_connection,
        summary="Pause a connection",
        description="Events are kept and read when it goes on.",
        tag=_TAG,
        scope="connections:write",
        answers={200: _SHOWN},
        errors=(404,),
        repeatable=False,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/resume",
        handler=connections.resume_connection,
        summary="Let a connection go on",
        description="A broken one is tried first; 422 says why it still does not work.",
        tag=_TAG,
        scope="connections:write",
        answers={200: _SHOWN},
        errors=(404, 422),
        repeatable=False,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/rotate-secret",
        handler=connections.rotate_connection_secret,
        summary="Replace the hook's secret",
        description="The one before is good for another 24 hours.",
        tag=_TAG,
        scope="connections:write",
        answers={200: _SHOWN},
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/choices/{{option}}",
        handler=connections.list_choices,
        summary="List what can be picked",
        description="For an option of the type `pick`: what the owner has on the platform now. What "
        "is chosen for other picks in an open form goes into the query, under the options' names.",
        tag=_TAG,
        scope="connections:read",
        answers={200: Answer("The choices.", ChoiceList, example=examples.CHOICES)},
        errors=(404, 422),
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/events",
        handler=connections.list_events,
        summary="List a connection's events",
        description="Newest first, each with its journey; and how often its hook refused a caller, and why.",
        tag=_TAG,
        scope="connections:read",
        query=EventFilter,
        answers={200: Answer("The events.", EventList, example=examples.EVENTS)},
        errors=(404, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/events/{{event}}/replay",
        handler=connections.replay_event,
        summary="Read an event again",
        description="As the connection stands now. What would sound as before is not spoken again; audio "
        "that did not get back to the platform is put back again.",
        tag=_TAG,
        scope="connections:write",
        answers={202: _QUEUED},
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/backfill",
        handler=filling.price_fill,
        summary="Price what is there",
        description="What it would cost to speak everything that is on the platform, by the options as they "
        "are now. Looks through it page by page, which takes up to a minute.",
        tag=_TAG,
        scope="connections:read",
        answers={200: Answer("The price.", FillPrice, example=examples.FILL_PRICE)},
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/backfill",
        handler=filling.start_fill,
        summary="Speak what is there",
        description="Begins if it costs no more than the `credits` you agree to. It goes on after a stop, "
        "and what already sounds as it would costs nothing. What comes of it stands among the events.",
        tag=_TAG,
        scope="connections:write",
        body=Body({JSON_TYPE: FillAgreed}, examples.FILL_AGREED),
        answers={202: Answer("It is under way.", FillPrice, example=examples.FILL_PRICE)},
        errors=(400, 402, 404, 408, 409, 413, 415, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/test",
        handler=connections.send_test_event,
        summary="Send a test event",
        description="The connector's own sample, read with this connection's options and spoken for the "
        "usual price; nothing is put back on the platform.",
        tag=_TAG,
        scope="connections:write",
        answers={202: _QUEUED},
        errors=(404, 409, 422),
    ),
)
