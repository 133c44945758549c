"""The form of one line in the table of endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from hub.api.call import Handler

Method = Literal["GET", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"]
Window = Literal["requests", "polls"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One successful answer: a JSON `model`, or another `media_type`, or nothing at all (204)."""

    description: str
    model: type[BaseModel] | None = None
    media_type: str = "application/json"
    example: Any = None
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """What a POST may carry: the fields of a model, for each media type."""

    models: Mapping[str, type[BaseModel]]
    examples: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One public address.

    `scope` is what the caller's key must allow; None means that anyone may call. `query` is a model whose
    fields are the query parameters. `errors` are the statuses of problem answers beyond those that every
    endpoint of its kind gives. `window` names the rate window a call counts in.
    """

    method: Method
    path: str
    handler: Handler
    summary: str
    description: str
    tag: str
    answers: Mapping[int, Answer]
    scope: str | None = None
    body: Body | None = None
    query: type[BaseModel] | None = None
    errors: tuple[int, ...] = ()
    window: Window = "requests"
    signed: bool = False
    """Whether a signed link may stand in for a key; the handler checks it."""
    public: bool = True
    """Whether `openapi.json` lists it; pages and probes are left out."""

    repeatable: bool = True
    """Whether a POST honours `Idempotency-Key`; one that may be sent twice without harm need not."""

    @property
    def operation_id(self) -> str:
        return self.handler.__name__
