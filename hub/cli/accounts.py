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
    from hub.cli.opened import in_transaction, note_act
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
        await note_act(session, "made an account", account.email, f"plan {plan.value}, with its first key")
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


@app.command()
def admin(
    email: Annotated[str, typer.Argument(help="The account's e-mail address or id.")],
    revoke: Annotated[bool, typer.Option("--revoke", help="Take it back.")] = False,
) -> None:
    """Let an account open the admin pages, or no longer."""
    from sqlalchemy.ext.asyncio import AsyncSession

    from hub.accounts import audit
    from hub.accounts.administration import set_admin
    from hub.cli.opened import account_of, in_transaction
    from hub.hub import utc_now

    async def work(session: AsyncSession) -> str:
        account = await account_of(session, email)
        await set_admin(session, account, is_admin=not revoke, actor=audit.COMMAND_LINE, now=utc_now())
        return account.email

    typer.echo(f"{in_transaction(work)} is {'no longer' if revoke else 'now'} an administrator.")


@app.command()
def limits(
    email: Annotated[str, typer.Argument(help="The account's e-mail address or id.")],
    plan: Annotated[Plan | None, typer.Option(help="Another plan.")] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(help="A figure of its own; 0 for the plan's.", min=0)
    ] = None,
    concurrent: Annotated[
        int | None, typer.Option(help="How many are spoken at one time; 0 for the plan's.", min=0)
    ] = None,
) -> None:
    """Set an account's plan and limits of its own, and show them; what is left out stays.

    Example:

        sayhook accounts limits owner@example.com --plan paid --concurrent 32
    """
    from sqlalchemy.ext.asyncio import AsyncSession

    from hub.accounts import audit, limits_of
    from hub.accounts.administration import set_limits
    from hub.cli.opened import account_of, in_transaction
    from hub.hub import utc_now

    async def work(session: AsyncSession) -> str:
        account = await account_of(session, email)
        if (plan, requests_per_minute, concurrent) != (None, None, None):
            await set_limits(
                session,
                account,
                plan=plan.value if plan else account.plan,
                requests_per_minute=_chosen(requests_per_minute, account.requests_per_minute),
                concurrent=_chosen(concurrent, account.concurrent),
                actor=audit.COMMAND_LINE,
                now=utc_now(),
            )
        found = limits_of(account)
        figures = f"{found.requests_per_minute} requests a minute, {found.concurrent} at one time"
        return f"{account.email}, plan {account.plan}: {figures}."

    typer.echo(in_transaction(work))


def _chosen(given: int | None, present: int | None) -> int | None:
    return present if given is None else given or None


@app.command()
def password(
    email: Annotated[str, typer.Argument(help="The account's e-mail address or id.")],
) -> None:
    """Set the password of an account, read from the standard input; its browsers are signed out.

    Example:

        sayhook accounts password owner@example.com < password.txt
    """
    from sqlalchemy.ext.asyncio import AsyncSession

    from hub.accounts.passwords import check_password, hash_password
    from hub.accounts.sessions import close_all_sessions
    from hub.cli.opened import account_of, in_transaction, note_act

    if sys.stdin.isatty():
        chosen = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    else:
        chosen = sys.stdin.readline().rstrip("\n")

    async def work(session: AsyncSession) -> str:
        account = await account_of(session, email)
        check_password(chosen, email=account.email)
        account.password_hash = hash_password(chosen)
        await close_all_sessions(session, account.id)
        await note_act(session, "set a password", account.email)
        return account.email

    typer.echo(f"The password of {in_transaction(work)} is set; sign in at /login.")
