from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.cli.main import app
from hub.secrets import load_secrets
from hub.settings import Settings


@pytest.fixture
def data(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAYHOOK_DATA", str(data))
    return data


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_the_key_in_the_data_folder_is_replaced_in_three_steps(data: Path) -> None:
    run("accounts", "create", "--email", "ada@example.com")
    file = data / "secret.key"
    first = file.read_text()
    assert "still works" in run("secrets", "new-key").stdout
    newest, old = file.read_text().split(",")
    assert old == first
    assert newest != first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run("secrets", "rotate").stdout.startswith("1 secrets were encrypted anew; 0 were")
    assert "1 old keys dropped" in run("secrets", "drop-old-keys").stdout
    assert file.read_text() == newest
    assert run("secrets", "rotate").stdout.startswith("0 secrets were encrypted anew; 1 were")
    assert [path.name for path in data.glob("secret.key*")] == ["secret.key"]


def test_keys_in_the_environment_are_the_operators(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("accounts", "create", "--email", "ada@example.com")
    monkeypatch.setenv("SAYHOOK_SECRET_KEY", "n" * 40)
    shown = run("secrets", "new-key").stdout
    assert "in front of SAYHOOK_SECRET_KEY" in shown
    assert len(shown.splitlines()[1]) >= 32
    refused = run("secrets", "rotate")
    assert "1 secrets were made with a key that is not here any more" in str(refused.exception)
    assert "take the old ones out there" in str(run("secrets", "drop-old-keys").exception)
    monkeypatch.setenv("SAYHOOK_SECRET_KEY", f"{'n' * 40},{(data / 'secret.key').read_text()}")
    assert run("secrets", "rotate").stdout.startswith("1 secrets were encrypted anew")
    monkeypatch.setenv("SAYHOOK_SECRET_KEY", "n" * 40)
    assert run("secrets", "rotate").stdout.startswith("0 secrets were encrypted anew; 1 were")
    load_secrets(Settings())
