from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.accounts import audit
from hub.cli.main import app
from hub.cli.opened import database
from hub.settings import Settings
from tests.hub.cli.conftest import Sayhook

ZAPIER = "https://zapier.com/dashboard/auth/oauth/return/App1CLIAPI/"
MAKE = "https://www.make.com/oauth/cb/app"
Run = Callable[..., Result]


@pytest.fixture
def run(data: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`sayhook oauth-clients ARGUMENTS` in this process: starting one takes longer than the work."""
    monkeypatch.setenv("SAYHOOK_DATA", str(data))
    return lambda *arguments: CliRunner().invoke(app, ["oauth-clients", *arguments])


def test_an_app_is_registered_edited_and_forgotten(run: Run) -> None:
    made = json.loads(
        run("create", "--name", "Make", "--redirect-uri", MAKE, "--redirect-uri", ZAPIER, "--json").stdout
    )
    assert set(made) == {"client_id", "client_secret"}
    assert made["client_secret"].startswith("shs_")
    client_id = made["client_id"]
    other = "https://www.make.com/oauth/cb/sayhook"
    edited = run(
        "edit", client_id, "--name", "Make it", "--add-redirect-uri", other, "--remove-redirect-uri", MAKE
    )
    assert edited.stdout == f"Make it may send people back to {ZAPIER}, {other}.\n"
    run("edit", client_id, "--scope", "speech:write")
    [shown] = json.loads(run("list", "--json").stdout)
    assert (shown["name"], shown["kind"]) == ("Make it", "confidential")
    assert (shown["redirect_uris"], shown["scopes"]) == ([ZAPIER, other], ["speech:write"])
    renewed = json.loads(run("rotate-secret", client_id, "--json").stdout)
    assert renewed["client_id"] == client_id
    assert renewed["client_secret"] != made["client_secret"]
    assert "every connection to it has ended" in run("delete", client_id).stdout
    assert "No apps yet" in run("list").stdout
    assert asyncio.run(audited()) == [
        ("command line", "deleted an app", "Make it"),
        ("command line", "gave an app a new secret", client_id),
        ("command line", "edited an app", "Make it"),
        ("command line", "edited an app", "Make it"),
        ("command line", "registered an app", "Make"),
    ]


async def audited() -> list[tuple[str, str, str]]:
    async with database(Settings()) as opened, opened.reading() as session:
        return [(entry.actor, entry.action, entry.subject) for entry in await audit.newest(session, 10)]


def test_a_public_app_has_no_secret(run: Run) -> None:
    asked = ("create", "--name", "App", "--redirect-uri", "com.example.app:/done", "--public")
    made = json.loads(run(*asked, "--json").stdout)
    assert made["client_secret"] is None
    assert "has no secret and must use PKCE" in run(*asked).stdout
    assert "public" in run("list").stdout
    assert "has no secret" in str(run("rotate-secret", made["client_id"]).exception)


def test_refusals_say_what_to_mend(sayhook: Sayhook, run: Run) -> None:
    done = sayhook("oauth-clients", "create", "--name", "App", "--redirect-uri", "http://app.example/")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "redirect_uri: http://app.example/ must begin with https://; plain http is only for 127.0.0.1, [::1] "
        "and localhost.\n"
    )
    for arguments, words in (
        (("create", "--name", " ", "--redirect-uri", MAKE), "name: must be 1 to 100 printable characters"),
        (("create", "--name", "App", "--redirect-uri", MAKE, "--scope", "all"), "scopes: must be some of"),
        (("edit", "shc_none"), "There is no OAuth client shc_none"),
        (("delete", "shc_none"), "There is no OAuth client shc_none"),
    ):
        assert words in str(run(*arguments).exception)
    made = run("create", "--name", "App", "--redirect-uri", MAKE)
    assert "set SAYHOOK_PUBLIC_URL" in made.stderr
    shown = made.stdout
    client_id = shown.split()[2]
    assert "shown this once: shs_" in shown
    unknown = run("edit", client_id, "--remove-redirect-uri", ZAPIER)
    assert f"{ZAPIER} is not a redirect URI of App" in str(unknown.exception)
    assert "at least one is needed" in str(run("edit", client_id, "--remove-redirect-uri", MAKE).exception)
