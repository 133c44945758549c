"""Keys the hub signs and encrypts with.

Several may live at once (newest first): the newest signs and encrypts, all of them verify and decrypt, so a
key is rotated by putting a new one in front and dropping the old one after the links it signed have died.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.settings import Settings

SHORTEST_KEY = 32


class SecretKeyUnusable(Exception):
    """The configured secret key is too short or its file cannot be read; the message says the mend."""


class Secrets:
    """Purpose-bound signatures (HMAC-SHA256) and authenticated encryption (Fernet) under derived keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < SHORTEST_KEY for key in keys):
            raise SecretKeyUnusable(
                f"SAYHOOK_SECRET_KEY must hold keys of at least {SHORTEST_KEY} characters each; "
                'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        self._keys = tuple(key.encode() for key in keys)
        self._fernet = MultiFernet(
            [Fernet(base64.urlsafe_b64encode(_derive(key, "fernet"))) for key in self._keys]
        )

    def encrypt(self, plain: str) -> str:
        return self._fernet.encrypt(plain.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Raises `cryptography.fernet.InvalidToken` when no live key made `token`."""
        return self._fernet.decrypt(token.encode()).decode()

    def sign(self, purpose: str, message: bytes) -> str:
        return _signature(self._keys[0], purpose, message)

    def verify(self, purpose: str, message: bytes, signature: str) -> bool:
        given = signature.encode()
        return any(
            hmac.compare_digest(_signature(key, purpose, message).encode(), given) for key in self._keys
        )


def load_secrets(settings: Settings) -> Secrets:
    """The keys of the settings, or the one in the data folder, made there at the first call."""
    configured = settings.secret_key.get_secret_value()
    if configured:
        return Secrets([key.strip() for key in configured.split(",") if key.strip()])
    return Secrets([_own_key(settings.data / "secret.key")])


def _own_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written whole under another name and linked into place: two processes starting at once agree on one.
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"sayhook:{purpose}".encode()).derive(key)


def _signature(key: bytes, purpose: str, message: bytes) -> str:
    return hmac.new(_derive(key, purpose), message, hashlib.sha256).hexdigest()
