"""Reading the RSA public keys a platform gives its app's owner."""

from __future__ import annotations

import binascii
from base64 import b64decode
from functools import lru_cache
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from webhooks.errors import SecretMalformed

LEAST_BITS: Final = 2048


@lru_cache(maxsize=64)
def rsa_public_key(text: str) -> RSAPublicKey:
    """The key in `text`: PEM, or base64 of PEM, as dashboards show either. Raises SecretMalformed."""
    try:
        key = load_pem_public_key(_pem(text))
    except (ValueError, binascii.Error, UnsupportedAlgorithm) as error:
        raise SecretMalformed("The public key could not be read as PEM.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise SecretMalformed(f"The public key must be RSA of at least {LEAST_BITS} bits.")
    return key


def _pem(text: str) -> bytes:
    stripped = text.strip()
    if stripped.startswith("-----"):
        return stripped.encode()
    return b64decode("".join(stripped.split()), validate=True)
