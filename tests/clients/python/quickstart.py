"""Usage: TTS_API_URL=… TTS_API_KEY=… python quickstart.py reference.wav"""

import json
import os
import sys
import time

import requests

API_URL = os.environ["TTS_API_URL"]
HEADERS = {"Authorization": f"Bearer {os.environ['TTS_API_KEY']}"}


def finish(name, response):
    response.raise_for_status()
    job = response.json()

    while True:
        status = requests.get(f"{API_URL}/v1/tts/status/{job['id']}", headers=HEADERS).json()
        if status["status"] == "completed":
            break
        if status["status"] in ("failed", "cancelled"):
            raise RuntimeError(status["error"])
        time.sleep(2)

    audio = requests.get(status["output_url"])
    audio.raise_for_status()
    with open(f"{name}.wav", "wb") as file:
        file.write(audio.content)

    return {
        "status_code": response.status_code,
        "location": response.headers["Location"],
        "answer": job,
        "final": status,
        "audio": f"{name}.wav",
    }


design = finish(
    "design",
    requests.post(
        f"{API_URL}/v1/tts/generate",
        headers=HEADERS,
        data={
            "text": "Welcome to our store. Shipping is free today.",
            "language": "en",
            "voice_description": "A warm young woman with a friendly tone",
        },
    ),
)

with open(sys.argv[1], "rb") as reference:
    clone = finish(
        "clone",
        requests.post(
            f"{API_URL}/v1/tts/generate",
            headers=HEADERS,
            data={
                "text": "Thank you for calling. We will be right with you.",
                "cfg_value": 2.0,
                "inference_timesteps": 10,
            },
            files={"voice_ref": reference},
        ),
    )

print(json.dumps({"design": design, "clone": clone}))
