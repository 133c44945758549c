from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken
from pydantic import SecretStr

from hub.secrets import SecretKeyUnusable, Secrets, load_secrets
from hub.settings import Settings

OLD, NEW = "o" * 40, "n" * 40


def test_what_an_old_key_made_is_good_until_the_key_is_dropped() -> None:
    old, both, new = Secrets([OLD]), Secrets([NEW, OLD]), Secrets([NEW])
    token, signature = old.encrypt("word"), old.sign("link", b"m")
    assert both.decrypt(token) == "word"
    assert both.verify("link", b"m", signature)
    assert not new.verify("link", b"m", signature)
    with pytest.raises(InvalidToken):
        new.decrypt(token)
    assert new.verify("link", b"m", both.sign("link", b"m"))


def test_a_signature_is_bound_to_purpose_and_message() -> None:
    secrets = Secrets([OLD])
    signature = secrets.sign("link", b"m")
    assert not secrets.verify("other", b"m", signature)
    assert not secrets.verify("link", b"n", signature)
    assert not secrets.verify("link", b"m", signature[:-1] + "é")


@pytest.mark.parametrize("keys", [[], ["short"], [OLD, "short"]])
def test_weak_keys_are_refused_with_the_mend(keys: list[str]) -> None:
    with pytest.raises(SecretKeyUnusable, match="at least 32 characters"):
        Secrets(keys)


def test_a_key_is_made_once_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "new", _env_file=None)
    with ThreadPoolExecutor(8) as pool:
        signatures = {made.sign("p", b"m") for made in pool.map(lambda _: load_secrets(settings), range(8))}
    assert len(signatures) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret.key"]
    assert stat.S_IMODE((tmp_path / "new" / "secret.key").stat().st_mode) == 0o600


def test_configured_keys_win(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "new", secret_key=SecretStr(f"{NEW}, {OLD}"), _env_file=None)
    assert load_secrets(settings).sign("p", b"m") == Secrets([NEW]).sign("p", b"m")
    assert not (tmp_path / "new").exists()
    assert NEW not in repr(settings)
