"""The part of the table of endpoints that is about voices."""

from __future__ import annotations

from hub.api import examples
from hub.api.endpoint import Answer, Body, Endpoint
from hub.api.fields import JSON_TYPE, MULTIPART_TYPE, URLENCODED_TYPE
from hub.api.routes import design, voices
from hub.api.schemas.design import DesignFields, Previews
from hub.api.schemas.voices import Voice, VoiceFields, VoiceForm, VoiceList

VOICES = (
    Endpoint(
        method="POST",
        path="/v1/voices/design",
        handler=design.design_voice,
        summary="Hear several voices for one description",
        description="Speaks a sample in up to 5 voices that fit the description, for the price of one "
        "request. Each preview is a generation of its own: ask its `status_url` for the audio. Keep the one "
        "you like with `POST /v1/voices` by its `preview_id`, or by `voice_description` and `seed`. The "
        "credits come back when no preview succeeds.",
        tag="Voices",
        scope="speech:write",
        body=Body(
            {MULTIPART_TYPE: DesignFields, URLENCODED_TYPE: DesignFields, JSON_TYPE: DesignFields},
            examples.DESIGN,
        ),
        answers={
            202: Answer(
                "Accepted; the credits are held.",
                Previews,
                example=examples.PREVIEWS,
                headers=("Location", "Idempotency-Replayed"),
            )
        },
        errors=(400, 402, 408, 409, 413, 415, 422, 503),
    ),
    Endpoint(
        method="POST",
        path="/v1/voices",
        handler=voices.create_voice,
        summary="Save a voice",
        description="Keeps a described or a cloned voice; its `id` goes into `voice_id`. A clone "
        "needs the consent of the person who is heard. Saving costs nothing.",
        tag="Voices",
        scope="voices:write",
        body=Body(
            {MULTIPART_TYPE: VoiceForm, URLENCODED_TYPE: VoiceFields, JSON_TYPE: VoiceFields}, examples.VOICES
        ),
        answers={201: Answer("Saved.", Voice, example=examples.VOICE, headers=("Location",))},
        errors=(400, 408, 409, 413, 415, 422),
    ),
    Endpoint(
        method="GET",
        path="/v1/voices",
        handler=voices.get_voices,
        summary="List saved voices",
        description="By name.",
        tag="Voices",
        scope="voices:read",
        answers={200: Answer("The account's voices.", VoiceList, example={"data": [examples.VOICE]})},
    ),
    Endpoint(
        method="DELETE",
        path="/v1/voices/{id}",
        handler=voices.remove_voice,
        summary="Delete a saved voice",
        description="Forgets the voice and its recording. Audio that was made with it stays.",
        tag="Voices",
        scope="voices:write",
        answers={204: Answer("Deleted.")},
        errors=(404,),
    ),
)
