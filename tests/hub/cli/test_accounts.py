"""Accounts, keys and credits on the command line."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.accounts import Caller, audit, authenticate
from hub.accounts.sign_in import check_sign_in
from hub.errors import Unauthenticated
from hub.settings import Settings
from hub.store.database import Database
from hub.store.tables import Account
from tests.hub.cli.conftest import Sayhook

ADA = "ada@example.com"


def caller_with(data: Path, key: str) -> Caller:
    async def ask() -> Caller:
        database = Database(Settings(data=data).resolved_database_url)
        try:
            async with database.reading() as session:
                return await authenticate(session, key, datetime.now(UTC))
        finally:
            await database.close()

    return asyncio.run(ask())


def test_a_new_account_is_printed_for_machines_with_a_key_that_works(
    sayhook_process: Sayhook, tmp_path: Path
) -> None:
    done = sayhook_process("accounts", "create", "--email", ADA, "--plan", "paid", "--json")

    assert (done.code, done.err) == (0, "")
    made = json.loads(done.out)
    assert list(made) == ["account_id", "email", "api_key"]
    assert made["email"] == ADA
    caller = caller_with(tmp_path / "data", made["api_key"])
    assert caller.account_id == made["account_id"]
    assert (caller.limits.requests_per_minute, caller.limits.concurrent) == (600, 8)


def test_a_second_account_for_the_same_address_is_refused(sayhook: Sayhook) -> None:
    assert sayhook("accounts", "create", "--email", ADA).code == 0
    again = sayhook("accounts", "create", "--email", ADA.upper())
    assert (again.code, again.out) == (1, "")
    assert again.err == f"An account for {ADA} exists already.\n"


def test_accounts_are_listed_for_people_and_for_machines(sayhook: Sayhook) -> None:
    assert "make one" in sayhook("accounts", "list").out
    made = json.loads(sayhook("accounts", "create", "--email", ADA, "--json").out)

    (row,) = json.loads(sayhook("accounts", "list", "--json").out)
    assert {name: row[name] for name in ("account_id", "email", "plan", "credits", "held")} == {
        "account_id": made["account_id"],
        "email": ADA,
        "plan": "trial",
        "credits": 500,
        "held": 0,
    }
    table = sayhook("accounts", "list", COLUMNS="20").out
    assert made["account_id"] in table
    assert "created at" in table


def test_keys_come_and_go(sayhook: Sayhook, tmp_path: Path) -> None:
    sayhook("accounts", "create", "--email", ADA)
    arguments = ("--name", "shop", "--scope", "speech:write", "--json")
    made = json.loads(sayhook("keys", "create", *arguments).out)
    assert caller_with(tmp_path / "data", made["api_key"]).scopes == {"speech:write"}

    rows = json.loads(sayhook("keys", "list", "--json").out)
    assert [(row["name"], row["revoked_at"]) for row in rows] == [("First key", None), ("shop", None)]
    listing = sayhook("keys", "list").out
    assert made["api_key"] not in listing
    assert made["key_id"] in listing

    assert sayhook("keys", "revoke", made["key_id"]).code == 0
    with pytest.raises(Unauthenticated):
        caller_with(tmp_path / "data", made["api_key"])


def test_with_several_accounts_one_must_be_named(sayhook: Sayhook) -> None:
    assert "There is no account yet" in sayhook("keys", "create").err
    for email in (ADA, "bo@example.com"):
        sayhook("accounts", "create", "--email", email)

    unnamed = sayhook("keys", "create")
    assert (unnamed.code, unnamed.err) == (1, "There are several accounts; say which with --email.\n")
    assert sayhook("keys", "create", "--email", "bo@example.com").out.startswith("API key of bo@example.com")


def test_credits_are_added(sayhook: Sayhook) -> None:
    sayhook("accounts", "create", "--email", ADA)
    done = sayhook("credits", "grant", "--email", ADA, "--credits", "250")
    assert (done.code, done.out) == (0, f"{ADA} has 750 credits now.\n")


def test_every_act_is_written_down(sayhook: Sayhook, tmp_path: Path) -> None:
    sayhook("accounts", "create", "--email", ADA, "--plan", "paid")
    made = json.loads(sayhook("keys", "create", "--name", "shop", "--json").out)
    sayhook("keys", "revoke", made["key_id"])
    sayhook("credits", "grant", "--email", ADA, "--credits", "250", "--note", "Sorry")
    assert sayhook("accounts", "password", ADA).code == 1
    assert sayhook("accounts", "password", ADA, typed="four random words\n").code == 0
    sayhook("secrets", "rotate")

    shown = f"shop, {made['api_key'][:10]}…"
    assert acts_of(tmp_path / "data") == [
        ("made an account", ADA, "plan paid, with its first key"),
        ("made a key", ADA, shown),
        ("revoked a key", ADA, shown),
        ("granted credits", ADA, "250 credits: Sorry"),
        ("set a password", ADA, ""),
        ("rotated the secrets", "the hub", "0 encrypted anew"),
    ]


def acts_of(data: Path) -> list[tuple[str, str, str]]:
    """What the audit log says the command line did, oldest first."""

    async def ask() -> list[tuple[str, str, str]]:
        database = Database(Settings(data=data).resolved_database_url)
        try:
            async with database.reading() as session:
                acts = await audit.newest(session, 100)
        finally:
            await database.close()
        assert {act.actor for act in acts} == {audit.COMMAND_LINE}
        return [(act.action, act.subject, act.detail) for act in reversed(acts)]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["accounts", "create", "--email", "ada"], 1, "email: is not an e-mail address"),
        (["accounts", "create", "--email", ADA, "--plan", "gold"], 2, "'gold' is not one of 'trial', 'paid'"),
        (["accounts", "create"], 2, "Missing option '--email'"),
        (["credits", "grant", "--email", ADA, "--credits", "5"], 1, f"There is no account {ADA}"),
        (["credits", "grant", "--email", ADA, "--credits", "-5"], 2, "greater than or equal to 1"),
        (["keys", "create", "--email", ADA], 1, f"There is no account {ADA}"),
        (["keys", "revoke", "nothing"], 1, "API key not found"),
        (["acounts"], 2, "No such command 'acounts'"),
    ],
)
def test_a_refusal_is_a_sentence_on_standard_error(
    sayhook: Sayhook, arguments: list[str], code: int, sentence: str
) -> None:
    done = sayhook(*arguments)
    assert (done.code, done.out) == (code, "")
    assert sentence in done.err


def test_an_account_made_here_may_sign_in_and_be_an_administrator(sayhook: Sayhook, tmp_path: Path) -> None:
    weak = sayhook("accounts", "create", "--email", ADA, "--password", "short")
    assert (weak.code, weak.out) == (1, "")
    assert "at least 10 characters" in weak.err
    assert sayhook("accounts", "create", "--email", ADA, "--password", "four random words").code == 0
    assert sayhook("accounts", "admin", ADA.upper()).out == f"{ADA} is now an administrator.\n"

    async def row() -> Account:
        database = Database(Settings(data=tmp_path / "data").resolved_database_url)
        try:
            account = await check_sign_in(database, email=ADA, password="four random words")
            async with database.reading() as session:
                act = (await audit.newest(session, 10))[0]
                assert (act.actor, act.action, act.subject) == (audit.COMMAND_LINE, "made administrator", ADA)
            return account
        finally:
            await database.close()

    assert asyncio.run(row()).is_admin
    assert sayhook("accounts", "admin", ADA, "--revoke").out == f"{ADA} is no longer an administrator.\n"
    unread = sayhook("accounts", "password", ADA)
    assert unread.code == 1, "an empty standard input is no password"
    assert asyncio.run(row_is_admin(tmp_path)) is False


async def row_is_admin(folder: Path) -> bool:
    database = Database(Settings(data=folder / "data").resolved_database_url)
    try:
        return (await check_sign_in(database, email=ADA, password="four random words")).is_admin
    finally:
        await database.close()
