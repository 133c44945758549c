"""Keys and tokens as a platform would make them, and as a forger would."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key a name, made once a run."""
    return rsa.generate_private_key(65_537, bits)


def public_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def encode(part: Any) -> bytes:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(raw).rstrip(b"=")


def token(claims: Any, *, key: str = "wix", **header: Any) -> bytes:
    """A token signed with RSA PKCS#1 v1.5 and SHA-256, whatever its header says."""
    head = {"alg": "RS256", "typ": "JWT", **header}
    content = encode(head) + b"." + encode(claims)
    signature = rsa_key(key).sign(content, padding.PKCS1v15(), SHA256())
    return content + b"." + encode(signature)
