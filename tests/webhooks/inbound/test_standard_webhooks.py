from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from webhooks import errors, signing
from webhooks.inbound.standard_webhooks import StandardWebhooks

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SECRET, OLD = signing.new_secret(), signing.new_secret()
BODY = b'{"type":"x"}'
VERIFIER = StandardWebhooks(secrets=(SECRET, "", OLD))


def official(secret: str, *, prefix: str = "webhook", at: datetime = NOW) -> dict[str, str]:
    return {
        f"{prefix}-id": "msg_1",
        f"{prefix}-timestamp": str(int(at.timestamp())),
        f"{prefix}-signature": Webhook(secret).sign("msg_1", at, BODY.decode()),
    }


@pytest.mark.parametrize("secret", [SECRET, OLD], ids=["newest", "older"])
def test_what_the_official_library_signs(secret: str) -> None:
    verified = VERIFIER.verify(official(secret), BODY, NOW)
    assert (verified.delivery_id, verified.payload, verified.sent_at) == ("msg_1", BODY, NOW)


def test_another_header_prefix() -> None:
    verifier = StandardWebhooks(secrets=(SECRET,), header_prefix="svix")
    assert verifier.verify(official(SECRET, prefix="svix"), BODY, NOW).delivery_id == "msg_1"
    with pytest.raises(errors.HeaderMissing):
        verifier.verify(official(SECRET), BODY, NOW)


def test_what_is_refused() -> None:
    with pytest.raises(errors.SignatureMismatch):
        VERIFIER.verify(official(signing.new_secret()), BODY, NOW)
    with pytest.raises(errors.SignatureMismatch):
        VERIFIER.verify(official(SECRET), BODY + b" ", NOW)
    with pytest.raises(errors.OutsideWindow):
        VERIFIER.verify(official(SECRET), BODY, NOW + timedelta(seconds=301))
    with pytest.raises(errors.HeaderRepeated):
        VERIFIER.verify([*official(SECRET).items(), ("Webhook-Id", "msg_2")], BODY, NOW)
    with pytest.raises(errors.SecretMissing):
        StandardWebhooks(secrets=()).verify(official(SECRET), BODY, NOW)


def test_a_narrower_window() -> None:
    verifier = StandardWebhooks(secrets=(SECRET,), window_seconds=10)
    with pytest.raises(errors.OutsideWindow):
        verifier.verify(official(SECRET), BODY, NOW + timedelta(seconds=11))
