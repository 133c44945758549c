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

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
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
        fernets = [Fernet(base64.urlsafe_b64encode(_derive(key, "fernet"))) for key in self._keys]
        self._newest = fernets[0]
        self._fernet = MultiFernet(fernets)

    def encrypt(self, plain: str) -> str:
        return self._fernet.encrypt(plain.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Raises `cryptography.fernet.InvalidToken` when no live key made `token`."""
        return self._fernet.decrypt(token.encode()).decode()

    def resealed(self, token: str) -> str | None:
        """`token` under the newest key; None when it is so already.

        Raises `cryptography.fernet.InvalidToken` when no live key made it.
        """
        try:
            self._newest.decrypt(token.encode())
        except InvalidToken:
            return self._fernet.rotate(token.encode()).decode()
        return None

    def sign(self, purpose: str, message: bytes) -> str:
        return _signature(self._keys[0], purpose, message)

    def verify(self, purpose: str, message: bytes, signature: str) -> bool:
        given = signature.encode()
        return any(
            hmac.compare_digest(_signature(key, purpose, message).encode(), given) for key in self._keys
        )


def load_secrets(settings: Settings) -> Secrets:
    """The keys of the settings, or those in the data folder; the first is made there at the first call."""
    kept = settings.secret_key.get_secret_value() or _own_keys(key_file(settings))
    return Secrets([key.strip() for key in kept.split(",") if key.strip()])


def key_file(settings: Settings) -> Path:
    """Where the keys are when the settings hold none: newest first, comma separated."""
    return settings.data / "secret.key"


def new_key() -> str:
    return secrets.token_urlsafe(48)


def write_keys(path: Path, keys: Sequence[str]) -> None:
    """Put `keys` in the place of those in the file, all or nothing, readable by its owner alone."""
    draft = _draft(path, ",".join(keys))
    draft.replace(path)


def _own_keys(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written whole under another name and linked into place: two processes starting at once agree on one.
        draft = _draft(path, new_key())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return draft


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"sayhook:{purpose}".encode()).derive(key)


def _signature(key: bytes, purpose: str, message: bytes) -> str:
    return hmac.new(_derive(key, purpose), message, hashlib.sha256).hexdigest()
