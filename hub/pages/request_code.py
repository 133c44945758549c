"""A request for speech as code that can be pasted and run: curl, Python and JavaScript."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pprint import pformat
from typing import Any

from hub.store.tables import Generation

_DEFAULTS: Mapping[str, Any] = {
    "language": "auto",
    "format": "wav",
    "cfg_value": 2.0,
    "inference_timesteps": 10,
    "text_kind": "plain",
}
_LONGEST_SHOWN = 2000
_BEGINNING = 200
_CLONE_ONLY = ("cfg_value", "inference_timesteps", "voice_ref_text")


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """What to send and where. `recording` is the name of a file to send with it."""

    route: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    recording: str | None = None

    @property
    def is_shortened(self) -> bool:
        """Whether the code shows only the beginning of the text: three chapters would be a slow page."""
        return len(self.fields.get("text", "")) > _LONGEST_SHOWN

    @property
    def shown(self) -> dict[str, Any]:
        text = self.fields.get("text", "")
        return {**self.fields, "text": f"{text[:_BEGINNING]}…"} if self.is_shortened else dict(self.fields)


@dataclass(frozen=True, slots=True)
class Sample:
    """One way to send it, under the name of its language."""

    name: str
    code: str


def request_of(generation: Generation) -> ApiRequest:
    """The request that makes this audio again; of a clone, the recording is the owner's to name."""
    is_clone = generation.mode == "clone"
    fields = {
        "text": generation.text,
        "language": generation.language,
        "voice_description": generation.voice_description,
        "voice_ref_text": generation.reference_text,
        "cfg_value": generation.cfg_value,
        "inference_timesteps": generation.inference_timesteps,
        "seed": generation.seed if generation.spoken_seed is None else generation.spoken_seed,
        "format": generation.format,
    }
    route = "/v1/tts/longform" if generation.parts_total else "/v1/tts/generate"
    return ApiRequest(route, needed(fields, is_clone=is_clone), "voice.wav" if is_clone else None)


def needed(fields: Mapping[str, Any], *, is_clone: bool) -> dict[str, Any]:
    """Without what is absent, what is the default anyway, and what only a clone takes."""
    return {
        name: value
        for name, value in fields.items()
        if value not in (None, "") and _DEFAULTS.get(name) != value and (is_clone or name not in _CLONE_ONLY)
    }


def samples(request: ApiRequest, base_url: str) -> list[Sample]:
    """The key is read from the environment variable SAYHOOK_KEY, so that no code carries it."""
    return [
        Sample("curl", _curl(request, base_url)),
        Sample("Python", _python(request, base_url)),
        Sample("JavaScript", _javascript(request, base_url)),
    ]


def _curl(request: ApiRequest, base_url: str) -> str:
    """`--form-string`: the simpler -F would read a text that begins with @ from a file."""
    lines = [f"curl {shlex.quote(base_url + request.route)}", '-H "Authorization: Bearer $SAYHOOK_KEY"']
    lines += [f"--form-string {shlex.quote(f'{name}={value}')}" for name, value in request.shown.items()]
    if request.recording:
        lines.append(f"-F voice_ref=@{shlex.quote(request.recording)}")
    return " \\\n  ".join(lines)


def _python(request: ApiRequest, base_url: str) -> str:
    fields = pformat(request.shown, width=80, sort_dicts=False)
    sent = "json=fields"
    if request.recording:
        sent = f'data=fields, files={{"voice_ref": open({json.dumps(request.recording)}, "rb")}}'
    return f"""import os, time, requests

hub = {json.dumps(base_url)}
headers = {{"Authorization": f"Bearer {{os.environ['SAYHOOK_KEY']}}"}}
fields = {fields}

answer = requests.post(hub + {json.dumps(request.route)}, headers=headers, {sent})
answer.raise_for_status()
job = answer.json()
while job["status"] in ("queued", "processing"):
    time.sleep(2)
    job = requests.get(f"{{hub}}/v1/tts/status/{{job['id']}}", headers=headers).json()
print(job["output_url"] or job["error"])"""


def _javascript(request: ApiRequest, base_url: str) -> str:
    fields = json.dumps(request.shown, indent=2, ensure_ascii=False)
    return f"""{_IMPORT if request.recording else ""}const hub = {json.dumps(base_url)};
const headers = {{ Authorization: `Bearer ${{process.env.SAYHOOK_KEY}}` }};
const fields = {fields};
{_JS_FORM % json.dumps(request.recording) if request.recording else _JS_JSON}
const answer = await fetch(hub + {json.dumps(request.route)}, {{
  method: "POST",
  {_JS_SENT[bool(request.recording)]},
  body,
}});
if (!answer.ok) throw new Error((await answer.json()).detail);
let job = await answer.json();
while (job.status === "queued" || job.status === "processing") {{
  await new Promise((resolve) => setTimeout(resolve, 2000));
  job = await (await fetch(`${{hub}}/v1/tts/status/${{job.id}}`, {{ headers }})).json();
}}
console.log(job.output_url ?? job.error);"""


_IMPORT = 'import { openAsBlob } from "node:fs";\n\n'
_JS_JSON = "const body = JSON.stringify(fields);"
_JS_FORM = """const body = new FormData();
for (const [name, value] of Object.entries(fields)) body.set(name, value);
body.set("voice_ref", await openAsBlob(%s), "voice.wav");"""
_JS_SENT = {False: 'headers: { ...headers, "Content-Type": "application/json" }', True: "headers"}
