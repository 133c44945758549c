"""The part of the table of endpoints that is about voices."""

from __future__ import annotations

from hub.api import examples
from hub.api.endpoint import Answer, Body, Endpoint
from hub.api.fields import JSON_TYPE, MULTIPART_TYPE, URLENCODED_TYPE
from hub.api.routes import design, pronunciations, voices
from hub.api.schemas.design import DesignFields, Previews
from hub.api.schemas.pronunciations import PronunciationFields, PronunciationList, PronunciationShown
from hub.api.schemas.voices import SavedNow, VoiceFields, VoiceForm, VoiceList
from hub.pronunciations import MOST_ENTRIES

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
        answers={
            201: Answer("Saved.", SavedNow, example=examples.VOICE | {"warnings": []}, headers=("Location",))
        },
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
    Endpoint(
        method="PUT",
        path="/v1/pronunciations",
        handler=pronunciations.put_pronunciation,
        summary="Say how a word is pronounced",
        description="Holds for everything that is spoken from now on. What was kept for the same word and "
        f"language is replaced. At most {MOST_ENTRIES} words.",
        tag="Voices",
        scope="voices:write",
        body=Body(
            dict.fromkeys((JSON_TYPE, URLENCODED_TYPE, MULTIPART_TYPE), PronunciationFields),
            examples.PRONUNCIATIONS,
        ),
        answers={200: Answer("Kept.", PronunciationShown, example=examples.PRONUNCIATION)},
        errors=(400, 408, 409, 413, 415, 422),
    ),
    Endpoint(
        method="GET",
        path="/v1/pronunciations",
        handler=pronunciations.get_pronunciations,
        summary="List pronunciations",
        description="By word.",
        tag="Voices",
        scope="voices:read",
        answers={
            200: Answer("The dictionary.", PronunciationList, example={"data": [examples.PRONUNCIATION]})
        },
    ),
    Endpoint(
        method="DELETE",
        path="/v1/pronunciations/{id}",
        handler=pronunciations.remove_pronunciation,
        summary="Forget a pronunciation",
        description="The word is read as it is written again.",
        tag="Voices",
        scope="voices:write",
        answers={204: Answer("Forgotten.")},
        errors=(404,),
    ),
)
