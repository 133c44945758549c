"""`sayhook accounts`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from hub.cli.output import Json, print_json, print_rows

app = typer.Typer(help="Make and list accounts.", no_args_is_help=True)


class Plan(StrEnum):
    trial = "trial"
    paid = "paid"


@app.command()
def create(
    email: Annotated[str, typer.Option(help="E-mail address of the owner.")],
    plan: Annotated[Plan, typer.Option(help="Decides the rate limits.")] = Plan.trial,
    password: Annotated[
        str | None,
        typer.Option(help="For signing in at a browser; - reads it from the standard input."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make an account with 500 credits and its first API key, which is shown this once.

    Example:

        sayhook accounts create --email ada@example.com --plan paid --password -
    """
    from sqlalchemy.ext.asyncio import AsyncSession

    from hub.accounts import create_account, create_key
    from hub.accounts.passwords import check_password, hash_password
    from hub.cli.opened import in_transaction
    from hub.hub import utc_now
    from hub.secrets import load_secrets
    from hub.settings import Settings

    settings = Settings()
    secrets = load_secrets(settings)
    chosen = sys.stdin.readline().rstrip("\n") if password == "-" else password  # noqa: S105 - no password
    if chosen is not None:
        check_password(chosen, email=email)
    password_hash = hash_password(chosen) if chosen is not None else None

    async def work(session: AsyncSession) -> dict[str, str]:
        now = utc_now()
        account = await create_account(
            session, email=email, plan=plan.value, password_hash=password_hash, now=now, secrets=secrets
        )
        key = await create_key(session, account_id=account.id, name="First key", now=now)
        return {"account_id": account.id, "email": account.email, "api_key": key.secret}

    made = in_transaction(work, settings)
    if as_json:
        print_json(made)
        return
    typer.echo(f"Account {made['account_id']} for {made['email']}, plan {plan.value}.")
    typer.echo(f"Its API key, shown this once: {made['api_key']}")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List all accounts with their credits."""
    from sqlalchemy.ext.asyncio import AsyncSession

    from hub.accounts import list_accounts
    from hub.cli.opened import in_transaction

    async def work(session: AsyncSession) -> list[dict[str, Any]]:
        return [
            {
                "account_id": account.id,
                "email": account.email,
                "plan": account.plan,
                "credits": account.credits,
                "held": account.held,
                "created_at": account.created_at,
            }
            for account in await list_accounts(session)
        ]

    print_rows(
        in_transaction(work), as_json=as_json, empty="No accounts yet; make one: sayhook accounts create"
    )
