"""What every refusal must look like, and that it leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.flow.api_account import ApiAccount


def problem(answer: requests.Response, status: int, detail: str) -> dict[str, Any]:
    """The problem document (RFC 9457 section 3) of `answer`, whose `detail` begins with `detail`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].split(";")[0] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["detail"].startswith(detail), body
    assert body["status"] == status
    assert body["title"]
    assert body["code"].replace("_", "").isalpha()
    assert body["request_id"]
    return body


@contextmanager
def nothing_left(account: ApiAccount) -> Iterator[None]:
    before = (account.balance(), [generation["id"] for generation in account.generations()])
    yield
    assert (account.balance(), [generation["id"] for generation in account.generations()]) == before
