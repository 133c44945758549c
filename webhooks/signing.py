"""Standard Webhooks 1.0: signing what we send, verifying what we get.

The signed content is `{message id}.{unix seconds}.{raw body}` (specification, "Signature scheme"). A
secret's prefix names its kind: `whsec_` 24 to 64 random bytes for HMAC-SHA256 (`v1`), `whsk_` an Ed25519
private seed (`v1a`, signs), `whpk_` an Ed25519 public key (`v1a`, verifies). While a secret is being rotated
every live one signs, so the signature header holds several, separated by a space.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
import secrets as entropy
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from webhooks.errors import Malformed, OutsideWindow, SecretMalformed, SecretMissing, SignatureMismatch
from webhooks.headers import HeaderSource, required

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"
TOLERANCE: Final = 300
"""Seconds a message's time may lie before or after ours."""

_SECRET_SIZES = range(24, 65)
_SEED_SIZE: Final = 32
_MESSAGE_ID = re.compile(r"[\x21-\x2d\x2f-\x7e]{1,255}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Signed:
    """Who a verified message says it is: its id (the same on every retry) and its unix time."""

    message_id: str
    timestamp: int


def new_secret() -> str:
    """A fresh symmetric secret, `whsec_` and 32 random bytes in base64."""
    return "whsec_" + b64encode(entropy.token_bytes(32)).decode()


def new_private_key() -> str:
    """A fresh Ed25519 signing key, `whsk_` and its 32-byte seed in base64."""
    return "whsk_" + b64encode(entropy.token_bytes(_SEED_SIZE)).decode()


def is_private(secret: str) -> bool:
    """Whether it is an Ed25519 signing key, which nobody but the sender may see."""
    return secret.startswith("whsk_")


def public_key(private_key: str) -> str:
    """The `whpk_` key a receiver verifies with, for a `whsk_` key. Raises SecretMalformed."""
    return "whpk_" + b64encode(_private(private_key).public_key().public_bytes_raw()).decode()


def new_message_id() -> str:
    """A fresh message id, `msg_` and 32 hexadecimal digits; it never holds a full stop."""
    return "msg_" + entropy.token_hex(16)


def sign(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers that sign `body` under every live secret, `whsec_` or `whsk_`, newest first.

    Raises SecretMissing without a secret, SecretMalformed for one of another form, ValueError for a message
    id with a full stop, a space or anything but printable ASCII: the full stop separates the signed parts.
    """
    if not secrets:
        raise SecretMissing("There is no secret to sign with.")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("A message id is 1 to 255 printable ASCII characters without a full stop.")
    content = _content(message_id, str(timestamp), body)
    signatures = " ".join(_signature(secret, content) for secret in secrets)
    return {ID_HEADER: message_id, TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: signatures}


def verify(
    secrets: Iterable[str], headers: HeaderSource, body: bytes, *, now: float, tolerance: int = TOLERANCE
) -> Signed:
    """Show that one of the live secrets, `whsec_` or `whpk_`, signed exactly these bytes within the window.

    `now` is unix seconds. Raises a NotVerified that says what is wrong, or SecretMalformed for our own
    secret. Every secret is compared with every signature whatever the earlier results, in constant time
    each.
    """
    keys = [secret for secret in secrets if secret.strip()]
    if not keys:
        raise SecretMissing("No secret is configured for this address, so nothing can be verified.")
    message_id = required(headers, ID_HEADER)
    timestamp = required(headers, TIMESTAMP_HEADER)
    given = required(headers, SIGNATURE_HEADER).split()
    if not _MESSAGE_ID.fullmatch(message_id):
        raise Malformed(f"The header {ID_HEADER} is not a message id.")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Malformed(f"The header {TIMESTAMP_HEADER} is not a whole number of seconds.")
    content = _content(message_id, timestamp, body)
    # A list, so that no comparison is left out once one has matched.
    matches = [_matches(key, content, signature) for key in keys for signature in given]
    if not any(matches):
        raise SignatureMismatch("No live secret made this signature.")
    if abs(now - int(timestamp)) > tolerance:
        raise OutsideWindow(f"The message's time is more than {tolerance} s away from ours.")
    return Signed(message_id, int(timestamp))


def _content(message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body


def _signature(secret: str, content: bytes) -> str:
    if is_private(secret):
        return "v1a," + b64encode(_private(secret).sign(content)).decode()
    return "v1," + _hmac(secret, content)


def _matches(secret: str, content: bytes, signature: str) -> bool:
    version, _, value = signature.partition(",")
    if secret.startswith("whpk_"):
        return version == "v1a" and _public_key_matches(secret, content, value)
    expected = _hmac(secret, content).encode()
    return version == "v1" and hmac.compare_digest(expected, value.encode("utf-8", "replace"))


def _public_key_matches(secret: str, content: bytes, value: str) -> bool:
    key = Ed25519PublicKey.from_public_bytes(_decode(secret, "whpk_", (32,)))
    try:
        key.verify(b64decode(value, validate=True), content)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _hmac(secret: str, content: bytes) -> str:
    key = _decode(secret, "whsec_", _SECRET_SIZES)
    return b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def _private(secret: str) -> Ed25519PrivateKey:
    # Some senders keep seed and public key together (64 bytes); the seed comes first.
    return Ed25519PrivateKey.from_private_bytes(_decode(secret, "whsk_", (32, 64))[:_SEED_SIZE])


def _decode(secret: str, prefix: str, sizes: range | tuple[int, ...]) -> bytes:
    try:
        key = b64decode(secret.strip().removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SecretMalformed(f"A secret must be {prefix} followed by base64.") from error
    if not secret.strip().startswith(prefix):
        raise SecretMalformed(f"A secret must begin with {prefix}")
    if len(key) not in sizes:
        raise SecretMalformed(f"A {prefix} secret must hold {min(sizes)} to {max(sizes)} bytes.")
    return key
