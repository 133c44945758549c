"""Who speaks a request: the voice it describes, the one in its recording, or the language's own."""

from __future__ import annotations

import hashlib

from engine.backends.protocol import Casting
from engine.packs import Packs, language_of
from engine.values import SpeechRequest

_DEFAULTS = {
    "en": "af_heart",
    "zh": "zf_xiaoxiao",
    "hi": "hf_alpha",
    "es": "ef_dora",
    "fr": "ff_siwis",
    "ja": "jf_alpha",
    "pt": "pf_dora",
    "it": "if_sara",
}

MOST_SEED = 2**31 - 1


def default_voice(code: str, packs: Packs) -> str:
    """The stock voice that speaks `code` when nobody else is asked for."""
    wanted = _DEFAULTS.get(code, _DEFAULTS["en"])
    if wanted in packs:
        return wanted
    return min(packs, key=lambda name: (language_of(name) != code, name))


def seed_of(request: SpeechRequest, cue: str | None) -> int:
    """The request's seed, or one that follows from all that decides its voice."""
    if request.seed is not None:
        return request.seed % (MOST_SEED + 1)
    inputs = hashlib.sha256()
    for part in (request.description or "", cue or "", request.reference_text or ""):
        inputs.update(part.encode("utf-8", "replace") + b"\0")
    inputs.update(request.reference or b"")
    return int.from_bytes(inputs.digest()[:4], "big") & MOST_SEED


def cast(request: SpeechRequest, code: str, packs: Packs) -> Casting:
    name = default_voice(code, packs)
    return Casting(packs[name], 1.0, name)
