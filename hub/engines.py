"""The speech engine the settings ask for. Importing this loads no model and no library of one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from engine.languages import LANGUAGES
from hub.settings import Settings

if TYPE_CHECKING:
    from engine.narrator import Narrator, SpeechEngine
    from engine.speaker import Engine

_MOST_AT_ONCE: Final = 8
"""In one process: each text takes several hundred MB while it is spoken."""


def open_engine(settings: Settings) -> SpeechEngine:
    """`auto` takes a speech server that is set, else a VoxCPM2 model that is set, else the embedded engine;
    the embedded one also speaks what the other cannot. Models are read at `warm_up` or the first request.
    """
    if settings.engine == "kokoro":
        return _embedded(settings)
    if settings.engine == "voxcpm":
        return _voxcpm(settings)
    if settings.engine == "voxcpm-server":
        return _server(settings)
    if settings.voxcpm_server_url:
        return _preferred(_server(settings), settings)
    if settings.voxcpm_model is not None:
        return _preferred(_voxcpm(settings), settings)
    return _embedded(settings)


def serving(settings: Settings, code: str) -> str | None:
    """The engine that speaks a language under these settings; None when none does."""
    from engine.backends.voxcpm_prompt import LANGUAGES as OF_VOXCPM

    embedded = LANGUAGES[code].engine
    if settings.engine == "kokoro":
        return embedded
    if settings.engine != "auto":
        return settings.engine if code in OF_VOXCPM else None
    preferred = "voxcpm-server" if settings.voxcpm_server_url else "voxcpm" if settings.voxcpm_model else None
    return preferred if preferred and code in OF_VOXCPM else embedded


def texts_at_once(settings: Settings) -> int:
    """How many texts a speak worker takes on at once: the setting, else one for each core it may use.

    A VoxCPM2 model in the process speaks one request after another, so more would only wait holding a turn.
    """
    if settings.speak_at_once:
        return settings.speak_at_once
    in_process = settings.engine == "auto" and settings.voxcpm_model and not settings.voxcpm_server_url
    if settings.engine == "voxcpm" or in_process:
        return 1
    cores = settings.worker_threads or (os.cpu_count() or 1) // settings.speak_workers
    return min(max(cores, 1), _MOST_AT_ONCE)


def _preferred(first: Narrator, settings: Settings) -> SpeechEngine:
    from engine.narrator import Preferring

    return Preferring(first, _embedded(settings))


def _embedded(settings: Settings) -> Engine:
    from engine.speaker import Engine

    return Engine(settings.models, threads=settings.worker_threads)


def _voxcpm(settings: Settings) -> Narrator:
    from engine.backends.made_voices import MadeVoices
    from engine.backends.voxcpm import VoxCPM
    from engine.backends.voxcpm_prompt import Transcripts
    from engine.narrator import Narrator

    backend = VoxCPM(
        settings.voxcpm_model or settings.models / "VoxCPM2",
        device=settings.voxcpm_device,
        compiled=settings.voxcpm_compile,
        transcripts=Transcripts(settings.voxcpm_transcripts),
        made=MadeVoices(settings.models / "designed"),
        threads=settings.worker_threads,
    )
    return Narrator(backend)


def _server(settings: Settings) -> Narrator:
    from engine.backends.made_voices import MadeVoices
    from engine.backends.voxcpm_prompt import Transcripts
    from engine.backends.voxcpm_server import VoxCPMServer
    from engine.backends.voxcpm_wire import Dialect
    from engine.narrator import Narrator

    backend = VoxCPMServer(
        settings.voxcpm_server_url,
        dialect=Dialect(settings.voxcpm_server_api),
        key=settings.voxcpm_server_key.get_secret_value(),
        model=settings.voxcpm_server_model,
        transcripts=Transcripts(settings.voxcpm_transcripts),
        made=MadeVoices(settings.models / "designed"),
        patience=settings.voxcpm_server_patience,
    )
    return Narrator(backend)
