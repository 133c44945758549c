"""The part of the table of endpoints that sends audio while it is being made."""

from __future__ import annotations

from hub.api import examples
from hub.api.endpoint import Answer, Body, Endpoint
from hub.api.fields import JSON_TYPE, MULTIPART_TYPE, URLENCODED_TYPE
from hub.api.routes import speech
from hub.api.schemas.speech import SpeechFields, StreamFilter

LIVE_SPEECH = (
    Endpoint(
        method="POST",
        path="/v1/audio/speech",
        handler=speech.create_speech,
        summary="Speak and send the audio at once",
        description="The interface of OpenAI's route of this name, over the same jobs, prices and limits as "
        "`generate`: point an OpenAI client at this hub. The audio is sent in chunks while it is being made. "
        "`Generation-Id` names the generation, which is listed and kept like any other. A caller who leaves "
        "early is charged all the same and finds the audio there. When speaking fails before the first "
        "audio, the answer is a problem and nothing is charged; later, the connection breaks off.",
        tag="Speech",
        scope="speech:write",
        body=Body(
            {JSON_TYPE: SpeechFields, URLENCODED_TYPE: SpeechFields, MULTIPART_TYPE: SpeechFields},
            examples.SPEECH,
        ),
        answers={
            200: Answer(
                "The audio.",
                media_type="audio/*",
                headers=("Location", "Generation-Id", "Idempotency-Replayed"),
            )
        },
        errors=(400, 402, 408, 409, 413, 415, 422, 502, 503),
    ),
    Endpoint(
        method="GET",
        path="/v1/tts/stream/{id}",
        handler=speech.stream_generation,
        summary="Listen to a generation while it is being spoken",
        description="Sends the audio from its beginning, as far as it is there, and then as it is made; of a "
        "finished generation the whole. A key is not needed with the `expires` and `signature` of the "
        "generation's `output_url`, or with the `stream_url` of the order's answer.",
        tag="Speech",
        scope="speech:read",
        signed=True,
        query=StreamFilter,
        answers={200: Answer("The audio.", media_type="audio/*", headers=("Generation-Id",))},
        errors=(404, 410, 422, 502, 503),
    ),
)
