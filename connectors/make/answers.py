"""What came back: its body by the type the app expects, and the error it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from connectors.make.errors import KINDS, MakeError, default_kind
from connectors.make.iml import UNDEFINED, Scope, is_true, rendered, text_of


def body_of(answer: httpx.Response, expected: Any) -> Any:
    """`expected` is a type, or types by status and by `*` for the others. Only `binary` is not worked out.

    An empty one is undefined.
    """
    if isinstance(expected, Mapping):
        expected = expected.get(str(answer.status_code), expected.get("*"))
    if expected == "binary":
        return answer.content
    if "json" not in answer.headers.get("content-type", ""):
        return answer.text or UNDEFINED
    try:
        return answer.json()
    except ValueError:
        return answer.text


def error_of(status: int, directive: Any, scope: Scope) -> MakeError:
    """The error that an answer of 400 and more stands for."""
    by_status = directive.get(str(status)) if isinstance(directive, Mapping) else None
    general = directive if isinstance(directive, Mapping) else {"message": directive}
    said = by_status or general
    message = text_of(rendered(said["message"], scope)) if said.get("message") else f"[{status}]"
    named = said.get("type") or general.get("type")
    kind = text_of(rendered(named, scope)) if named else default_kind(status)
    return MakeError(_known(kind), message, status=status)


def check_valid(directive: Any, status: int, error: Any, scope: Scope) -> None:
    """Raises the MakeError of an answer that the app finds not valid.

    Of the messages the one of `valid` counts first, then those of `error`.
    """
    wanted = directive.get("condition", True) if isinstance(directive, Mapping) else directive
    if is_true(rendered(wanted, scope)):
        return
    said = directive if isinstance(directive, Mapping) else {}
    otherwise = error_of(status, error, scope) if error else MakeError("RuntimeError", "")
    message = text_of(rendered(said.get("message", ""), scope)) or otherwise.message
    kind = text_of(rendered(said.get("type", ""), scope)) or otherwise.kind
    raise MakeError(_known(kind), message or "Response marked as invalid.", status=status)


def _known(kind: str) -> str:
    return kind if kind in KINDS else "RuntimeError"
