"""The frozen values that cross a connector's edge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.longform import Part
from engine.values import SpeechRequest


@dataclass(frozen=True, slots=True)
class SpeechOrder:
    """A speech request plus what its sender wants done with the result.

    Every door (API, connector, command line) makes one of these and hands it to `hub.jobs.accept`.
    `callback_url` receives the final status, signed. `metadata` is the sender's own JSON object, returned
    everywhere. `source` names the door: `api`, `cli` or a connector. `warnings` are what the door changed or
    ignored on the way in; they are returned with those of the engine. `parts` is the plan of a long text,
    made by `engine.longform.plan`; a short one has none.
    """

    request: SpeechRequest
    callback_url: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    source: str = "api"
    warnings: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
