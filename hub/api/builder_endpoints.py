"""The part of the table of endpoints that scenario builders (Zapier, Make) call."""

from __future__ import annotations

from hub.api import builder_examples as examples
from hub.api.endpoint import Answer, Body, Endpoint
from hub.api.fields import JSON_TYPE, MULTIPART_TYPE, URLENCODED_TYPE
from hub.api.routes import builder_hooks, voiceovers
from hub.api.schemas.longform import LongformFields, LongformForm
from hub.api.schemas.voiceovers import (
    CallbackFields,
    Hook,
    HookFields,
    HookList,
    HookWithSecret,
    Voiceover,
    VoiceoverFilter,
    VoiceoverPage,
)

_TAG = "Builders"
_ONE = "/v1/voiceovers/{id}"
_HOOK = "/v1/hooks/{id}"

BUILDERS = (
    Endpoint(
        method="POST",
        path="/v1/voiceovers",
        handler=voiceovers.create_voiceover,
        summary="Order a voiceover",
        description="Takes the fields of `generate` and `longform` and chooses between them by the length of "
        "the text. The answer, the `callback_url` and hooks all tell of it in one flat shape. A callback is "
        "tried for 24 hours; 404 and 410 end it, because the step that waited is gone.",
        tag=_TAG,
        scope="speech:write",
        body=Body(
            {MULTIPART_TYPE: LongformForm, URLENCODED_TYPE: LongformFields, JSON_TYPE: LongformFields},
            examples.VOICEOVER_FORM,
        ),
        answers={
            202: Answer(
                "Accepted; the credits are held.",
                Voiceover,
                example=examples.WAITING,
                headers=("Location", "Idempotency-Replayed"),
            )
        },
        errors=(400, 402, 408, 409, 413, 415, 422, 503),
    ),
    Endpoint(
        method="GET",
        path="/v1/voiceovers",
        handler=voiceovers.list_voiceovers,
        summary="List voiceovers",
        description="Newest first. A filter without a value counts as left out.",
        tag=_TAG,
        scope="speech:read",
        query=VoiceoverFilter,
        answers={200: Answer("A page of voiceovers.", VoiceoverPage, example=examples.PAGE)},
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        handler=voiceovers.get_voiceover,
        summary="Read a voiceover",
        description="With a fresh link to the audio each time.",
        tag=_TAG,
        scope="speech:read",
        window="polls",
        answers={200: Answer("The voiceover.", Voiceover, example=examples.VOICEOVER)},
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/audio",
        handler=voiceovers.get_voiceover_audio,
        summary="Download a voiceover",
        description="The audio itself, by key or token instead of a signed link. Answers HEAD and Range.",
        tag=_TAG,
        scope="speech:read",
        answers={
            200: Answer("The file.", media_type="audio/*", headers=("ETag", "Content-Disposition")),
            206: Answer("The part that Range asked for.", media_type="audio/*", headers=("Content-Range",)),
            304: Answer("The file you have is still right.", headers=("ETag",)),
        },
        errors=(404, 416),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/callback",
        handler=voiceovers.call_voiceover_back,
        summary="Have a voiceover call back",
        description="For a step that learns its callback address only after ordering. One that has ended "
        "already is told at once, and the same address twice is told once.",
        tag=_TAG,
        scope="speech:write",
        body=Body({JSON_TYPE: CallbackFields, URLENCODED_TYPE: CallbackFields}, examples.CALLBACK_FORM),
        answers={200: Answer("The voiceover.", Voiceover, example=examples.VOICEOVER)},
        errors=(400, 404, 408, 409, 413, 415, 422),
        repeatable=False,
    ),
    Endpoint(
        method="POST",
        path="/v1/hooks",
        handler=builder_hooks.subscribe_hook,
        summary="Subscribe a hook",
        description="Each voiceover that ends is POSTed to `target_url` once, as one flat object, and tried "
        "for 24 hours. 410 takes the hook back, and so does disconnecting the app that subscribed it. The "
        "same target again changes what it is told. An app sees and touches only the hooks it subscribed.",
        tag=_TAG,
        scope="webhooks:write",
        body=Body({JSON_TYPE: HookFields, URLENCODED_TYPE: HookFields}, examples.HOOK_FORM),
        answers={
            201: Answer("Subscribed.", HookWithSecret, example=examples.HOOK_MADE, headers=("Location",))
        },
        errors=(400, 408, 409, 413, 415, 422),
    ),
    Endpoint(
        method="GET",
        path="/v1/hooks",
        handler=builder_hooks.list_hooks,
        summary="List the hooks",
        description="Oldest first, each with its last message.",
        tag=_TAG,
        scope="webhooks:read",
        answers={200: Answer("The hooks.", HookList, example={"data": [examples.HOOK]})},
    ),
    Endpoint(
        method="GET",
        path=_HOOK,
        handler=builder_hooks.get_hook,
        summary="Read a hook",
        description="What it is told, and how its last message fared.",
        tag=_TAG,
        scope="webhooks:read",
        answers={200: Answer("The hook.", Hook, example=examples.HOOK)},
        errors=(404,),
    ),
    Endpoint(
        method="DELETE",
        path=_HOOK,
        handler=builder_hooks.unsubscribe_hook,
        summary="Take a hook back",
        description="Also when it is gone already.",
        tag=_TAG,
        scope="webhooks:write",
        answers={204: Answer("Gone.")},
    ),
    Endpoint(
        method="POST",
        path=f"{_HOOK}/test",
        handler=builder_hooks.try_hook,
        summary="Send a test to a hook",
        description="The newest voiceover that this hook would hear of, or a sample of the same shape.",
        tag=_TAG,
        scope="webhooks:write",
        answers={202: Answer("On its way.")},
        errors=(404, 409, 422),
    ),
)
