"""The table of endpoints: every address of the hub's own HTTP face, once."""

from __future__ import annotations

from engine.longform import MAX_CHARACTERS
from hub.api import examples
from hub.api.builder_endpoints import BUILDERS
from hub.api.connection_endpoints import CONNECTIONS, HOOKS
from hub.api.endpoint import Answer, Body, Endpoint
from hub.api.fields import JSON_TYPE, MULTIPART_TYPE, URLENCODED_TYPE
from hub.api.routes import (
    account,
    audio,
    description,
    estimate,
    generate,
    generations,
    health,
    languages,
    metrics,
    payments,
)
from hub.api.schemas.account import Account, SigningSecret, Usage, UsageFilter
from hub.api.schemas.estimate import Estimate
from hub.api.schemas.generate import Accepted, GenerateFields, GenerateForm
from hub.api.schemas.health import Alive, Ready
from hub.api.schemas.languages import Languages
from hub.api.schemas.longform import LongformFields, LongformForm
from hub.api.schemas.status import AudioLink, GenerationFilter, GenerationPage, GenerationStatus
from hub.api.speech_endpoints import LIVE_SPEECH
from hub.api.voice_endpoints import VOICES
from hub.api.webhook_endpoints import WEBHOOKS
from hub.oauth import endpoints as oauth

_SPEECH = (
    Endpoint(
        method="POST",
        path="/v1/tts/generate",
        handler=generate.generate_speech,
        summary="Order speech",
        description="Speaks up to 500 characters in a designed voice (50 credits) or a cloned one (100). "
        "The credits are held now, spent when the audio is ready and given back when it fails. "
        "Ask `status_url` until `status` is `completed`, or send a `callback_url`. Fields that are not known "
        "are ignored with a warning; of a field sent twice, the last one counts.",
        tag="Speech",
        scope="speech:write",
        body=Body(
            {MULTIPART_TYPE: GenerateForm, URLENCODED_TYPE: GenerateFields, JSON_TYPE: GenerateFields},
            examples.GENERATE,
        ),
        answers={
            202: Answer(
                "Accepted; the credits are held.",
                Accepted,
                example=examples.ACCEPTED,
                headers=("Location", "Idempotency-Replayed"),
            )
        },
        errors=(400, 402, 408, 409, 413, 415, 422, 503),
    ),
    Endpoint(
        method="POST",
        path="/v1/tts/longform",
        handler=generate.generate_long_speech,
        summary="Order a whole chapter",
        description=f"Speaks up to {MAX_CHARACTERS} characters as one file in one steady voice. "
        "The text is cut at sentences into parts of at most 500 characters; each part costs as much as one "
        "request of `generate`. The answer and the status route are the same; `progress` rises with each "
        "part, other people's requests are spoken in between, and a crash costs only the part it hit.",
        tag="Speech",
        scope="speech:write",
        body=Body(
            {MULTIPART_TYPE: LongformForm, URLENCODED_TYPE: LongformFields, JSON_TYPE: LongformFields},
            examples.LONGFORM,
        ),
        answers={
            202: Answer(
                "Accepted; the credits of all parts are held.",
                Accepted,
                example=examples.ACCEPTED,
                headers=("Location", "Idempotency-Replayed"),
            )
        },
        errors=(400, 402, 408, 409, 413, 415, 422, 503),
    ),
    Endpoint(
        method="POST",
        path="/v1/tts/estimate",
        handler=estimate.estimate_speech,
        summary="Ask what speech would cost",
        description="Takes the fields of `generate` and `longform`, checks them the same way, and says the "
        "price without ordering or charging anything.",
        tag="Speech",
        scope="speech:write",
        body=Body(
            {MULTIPART_TYPE: LongformForm, URLENCODED_TYPE: LongformFields, JSON_TYPE: LongformFields},
            examples.LONGFORM,
        ),
        answers={200: Answer("The price.", Estimate, example=examples.ESTIMATE)},
        errors=(400, 408, 413, 415, 422),
    ),
    Endpoint(
        method="GET",
        path="/v1/tts/status/{id}",
        handler=generations.get_status,
        summary="Ask how a generation stands",
        description="Asking every 2 seconds is fine: these requests count in a window of their own, ten "
        "times as wide as the account's limit. Each answer carries a fresh link to the audio.",
        tag="Speech",
        scope="speech:read",
        window="polls",
        answers={200: Answer("How it stands.", GenerationStatus, example=examples.COMPLETED)},
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/v1/audio/{id}.{extension}",
        handler=audio.get_audio,
        summary="Fetch audio or captions by a signed link",
        description="The address as `output_url` or `captions` gave it: no key is needed, the signature is "
        "the permission. Answers HEAD and Range. `download=1` may be added to have browsers save the file. "
        "A forged link or a deleted generation is 404, a link whose time is over 410.",
        tag="Speech",
        query=AudioLink,
        answers={
            200: Answer(
                "The whole file.",
                media_type="audio/*",
                headers=("ETag", "Accept-Ranges", "Content-Disposition"),
            ),
            206: Answer(
                "The part that Range asked for.", media_type="audio/*", headers=("Content-Range", "ETag")
            ),
            304: Answer("The file you have is still right.", headers=("ETag",)),
        },
        errors=(404, 410, 416),
    ),
    Endpoint(
        method="OPTIONS",
        path="/v1/audio/{id}.{extension}",
        handler=audio.preflight_audio,
        summary="Allow pages of other origins to play audio",
        description="",
        tag="Speech",
        answers={204: Answer("Allowed.")},
        public=False,
    ),
)

_GENERATIONS = (
    Endpoint(
        method="GET",
        path="/v1/tts/generations",
        handler=generations.list_generations,
        summary="List generations",
        description="Newest first. Deleted ones are left out.",
        tag="Generations",
        scope="speech:read",
        query=GenerationFilter,
        answers={200: Answer("A page of generations.", GenerationPage, example=examples.PAGE)},
        errors=(422,),
    ),
    Endpoint(
        method="DELETE",
        path="/v1/tts/generations/{id}",
        handler=generations.delete_generation,
        summary="Erase a generation",
        description="Erases its text, its audio and its captions for good; every link to them is dead at "
        "once. One that has not finished is cancelled first.",
        tag="Generations",
        scope="speech:write",
        answers={204: Answer("Erased.")},
        errors=(404,),
    ),
    Endpoint(
        method="POST",
        path="/v1/tts/generations/{id}/cancel",
        handler=generations.cancel_generation,
        summary="Cancel a generation",
        description="Stops it and gives its credits back. Cancelling twice is fine.",
        tag="Generations",
        scope="speech:write",
        answers={
            200: Answer(
                "Cancelled.", GenerationStatus, example=examples.CANCELLED, headers=("Idempotency-Replayed",)
            )
        },
        errors=(404, 409, 422),
    ),
)

_ACCOUNT = (
    Endpoint(
        method="GET",
        path="/v1/account",
        handler=account.get_account,
        summary="Read the account",
        description="Balance, held credits and limits of the account behind the key.",
        tag="Account",
        scope="account:read",
        answers={200: Answer("The account.", Account, example=examples.ACCOUNT)},
    ),
    Endpoint(
        method="GET",
        path="/v1/account/usage",
        handler=account.get_usage,
        summary="Read the usage",
        description="Credits spent and generations completed, day by day in UTC.",
        tag="Account",
        scope="account:read",
        query=UsageFilter,
        answers={200: Answer("The usage.", Usage, example=examples.USAGE)},
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path="/v1/account/signing-secret",
        handler=account.get_signing_secret,
        summary="Read the secret that signs callbacks",
        description="Check the signature of every callback with it, by the Standard Webhooks scheme.",
        tag="Account",
        scope="webhooks:read",
        answers={200: Answer("The secret.", SigningSecret, example=examples.SIGNING_SECRET)},
    ),
)

_PAYMENTS = (
    Endpoint(
        method="POST",
        path="/hooks/payments",
        handler=payments.take_payment,
        summary="Take the news of a payment",
        description="",
        tag="Account",
        answers={200: Answer("The credits are there.")},
        public=False,
    ),
)

_OPEN = (
    Endpoint(
        method="GET",
        path="/v1/languages",
        handler=languages.list_languages,
        summary="List the languages",
        description="Each with the engine that speaks it here and how good it is.",
        tag="Languages",
        answers={200: Answer("The languages.", Languages, example=examples.LANGUAGES)},
    ),
    Endpoint(
        method="GET",
        path="/healthz",
        handler=health.healthz,
        summary="Does the process live?",
        description="Says nothing about the parts behind it.",
        tag="Operation",
        answers={200: Answer("It lives.", Alive, example={"status": "ok"})},
    ),
    Endpoint(
        method="GET",
        path="/readyz",
        handler=health.readyz,
        summary="Can the hub work?",
        description="Asks the database, the queue, and whether a worker that speaks is alive.",
        tag="Operation",
        answers={200: Answer("Every part is there.", Ready, example={"status": "ready"})},
        errors=(503,),
    ),
    Endpoint(
        method="GET",
        path="/metrics",
        handler=metrics.metrics,
        summary="Figures for Prometheus",
        description="Requests and their durations, queue depth, live workers, generations by state. "
        "A hub may ask for a token of its own (`SAYHOOK_METRICS_TOKEN`) as a bearer token.",
        tag="Operation",
        answers={200: Answer("The figures.", media_type="text/plain", example=examples.METRICS)},
        errors=(401,),
    ),
    Endpoint(
        method="GET",
        path="/openapi.json",
        handler=description.openapi,
        summary="This description",
        description="OpenAPI 3.1.",
        tag="Operation",
        answers={200: Answer("The description.", media_type="application/json")},
    ),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *_PAYMENTS,  # before the hooks of connectors, whose names come from a folder
    *_SPEECH,
    *LIVE_SPEECH,
    *VOICES,
    *_GENERATIONS,
    *CONNECTIONS,
    *WEBHOOKS,
    *BUILDERS,
    *HOOKS,
    *_ACCOUNT,
    *_OPEN,
    *oauth.ENDPOINTS,
)
