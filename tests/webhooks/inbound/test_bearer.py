from __future__ import annotations

from datetime import UTC, datetime

import pytest

from webhooks import errors
from webhooks.inbound.bearer import Bearer
from webhooks.inbound.verified import body_id

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TOKEN, OLD = "t" * 32, "o" * 32
VERIFIER = Bearer(secrets=(TOKEN, OLD), delivery_header="idempotency-key")


@pytest.mark.parametrize("value", [f"Bearer {TOKEN}", f"bearer   {TOKEN} ", f"BEARER {OLD}"])
def test_a_live_token(value: str) -> None:
    assert VERIFIER.verify({"Authorization": value}, b"{}", NOW).delivery_id == body_id(b"{}")


def test_an_id_of_the_senders() -> None:
    headers = {"authorization": f"Bearer {TOKEN}", "Idempotency-Key": "k-1"}
    assert VERIFIER.verify(headers, b"{}", NOW).delivery_id == "k-1"


def test_a_token_alone_in_a_header_of_its_own() -> None:
    verifier = Bearer(secrets=(TOKEN,), header="x-hook-token", word="")
    verifier.verify({"X-Hook-Token": TOKEN}, b"", NOW)
    with pytest.raises(errors.SignatureMismatch):
        verifier.verify({"X-Hook-Token": f"Bearer {TOKEN}"}, b"", NOW)


@pytest.mark.parametrize("value", [f"Basic {TOKEN}", TOKEN, "Bearer", "Bearer "])
def test_what_is_no_bearer_token(value: str) -> None:
    with pytest.raises(errors.Malformed):
        VERIFIER.verify({"Authorization": value}, b"", NOW)


@pytest.mark.parametrize(
    "token", [TOKEN[:-1], TOKEN + "t", "é" * 32, TOKEN.upper(), f"{TOKEN} {OLD}", "\udcff"]
)
def test_any_other_token(token: str) -> None:
    with pytest.raises(errors.SignatureMismatch):
        VERIFIER.verify({"Authorization": f"Bearer {token}"}, b"", NOW)


def test_headers_that_are_missing_or_repeated() -> None:
    with pytest.raises(errors.HeaderMissing):
        VERIFIER.verify({}, b"", NOW)
    with pytest.raises(errors.HeaderRepeated):
        VERIFIER.verify([("authorization", f"Bearer {TOKEN}"), ("Authorization", "Bearer x")], b"", NOW)


def test_without_a_token_and_with_a_guessable_one_nothing_gets_in() -> None:
    with pytest.raises(errors.SecretMissing):
        Bearer(secrets=("",)).verify({"authorization": "Bearer "}, b"", NOW)
    with pytest.raises(errors.SecretMalformed):
        Bearer(secrets=("short",)).verify({"authorization": "Bearer short"}, b"", NOW)
