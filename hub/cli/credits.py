"""`sayhook credits`."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Give credits to accounts.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Give credits to accounts. A design costs 50, a clone 100."""


@app.command()
def grant(
    email: Annotated[str, typer.Option("--email", "--account", help="The account's e-mail address or id.")],
    amount: Annotated[int, typer.Option("--credits", help="How many.", min=1)],
    note: Annotated[str, typer.Option(help="Written into the ledger.")] = "Granted by the operator",
) -> None:
    """Add credits to an account; they never expire.

    Example:

        sayhook credits grant --email owner@example.com --credits 10000
    """
    from sqlalchemy.ext.asyncio import AsyncSession

    from hub.accounts import audit
    from hub.accounts.administration import give_credits
    from hub.cli.opened import account_of, in_transaction
    from hub.hub import utc_now

    async def work(session: AsyncSession) -> tuple[str, int]:
        owner = await account_of(session, email)
        await give_credits(session, owner, credits=amount, note=note, actor=audit.COMMAND_LINE, now=utc_now())
        await session.refresh(owner)
        return owner.email, owner.credits

    owner, balance = in_transaction(work)
    typer.echo(f"{owner} has {balance} credits now.")
