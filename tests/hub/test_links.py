"""Signed audio links live for their time, for their generation, under a live key, and not otherwise."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from hub.errors import Gone, NotFound
from hub.links import check_audio_link, link_expiry, sign_audio_link

NOW = datetime(2026, 11, 22, 12, 0, 0, 250_000, UTC)
ID = "7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11"


class Key:
    """One HMAC key with the same face as the hub's secrets."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, purpose: str, message: bytes) -> str:
        return hmac.new(self._key, purpose.encode() + b"\0" + message, hashlib.sha256).hexdigest()

    def verify(self, purpose: str, message: bytes, signature: str) -> bool:
        return hmac.compare_digest(self.sign(purpose, message).encode(), signature.encode())


def made(lifetime: int = 60, key: bytes = b"one") -> tuple[str, str, str]:
    link = sign_audio_link(
        base_url="https://voice.example.com",
        secrets=Key(key),
        generation_id=ID,
        extension="mp3",
        expires_at=link_expiry(NOW, lifetime),
    )
    query = parse_qs(urlsplit(link).query)
    return link, query["expires"][0], query["signature"][0]


def test_the_link_names_the_generation_and_the_format() -> None:
    link, _, _ = made()
    assert link.startswith(f"https://voice.example.com/v1/audio/{ID}.mp3?")


def test_a_fresh_link_is_good_until_its_second() -> None:
    _, expires, signature = made(60)
    until = check_audio_link(
        Key(b"one"), generation_id=ID, expires=expires, signature=signature, now=NOW + timedelta(seconds=59)
    )
    assert until == datetime(2026, 11, 22, 12, 1, tzinfo=UTC)


def test_a_link_out_of_time_is_gone() -> None:
    _, expires, signature = made(60)
    with pytest.raises(Gone, match="expired"):
        check_audio_link(
            Key(b"one"),
            generation_id=ID,
            expires=expires,
            signature=signature,
            now=NOW + timedelta(seconds=61),
        )


def test_a_changed_link_is_not_ours() -> None:
    _, expires, signature = made()
    later = str(int(expires) + 1)
    flipped = ("0" if signature[0] != "0" else "1") + signature[1:]
    for generation_id, at, mark in [
        (ID.replace("7", "8"), expires, signature),
        (ID, later, signature),
        (ID, expires, flipped),
        (ID, expires, "é"),
        (ID, None, signature),
        (ID, expires, None),
        (ID, "-5", signature),
        (ID, "²", signature),
        (ID, "9" * 30, signature),
    ]:
        with pytest.raises(NotFound, match="not valid"):
            check_audio_link(Key(b"one"), generation_id=generation_id, expires=at, signature=mark, now=NOW)


def test_a_link_of_another_key_is_not_ours() -> None:
    _, expires, signature = made(key=b"two")
    with pytest.raises(NotFound):
        check_audio_link(Key(b"one"), generation_id=ID, expires=expires, signature=signature, now=NOW)
