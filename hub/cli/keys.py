"""`sayhook keys`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.output import Json, print_json, print_rows

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)
AccountOption = Annotated[
    str | None,
    typer.Option(
        "--email", "--account", help="E-mail address or id; may be left out while there is only one."
    ),
]


@app.command()
def create(
    email: AccountOption = None,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "API key",
    scope: Annotated[list[str] | None, typer.Option(help="Allow only this; repeat for several.")] = None,
    as_json: Json = False,
) -> None:
    """Make an API key. It is shown this once: we keep only its digest.

    Examples:

        sayhook keys create

        sayhook keys create --email ada@example.com --name shop --scope speech:write --scope speech:read
    """
    from sqlalchemy.ext.asyncio import AsyncSession

    from hub.accounts import SCOPES, create_key
    from hub.cli.opened import in_transaction, note_act, only_or_named
    from hub.hub import utc_now

    async def work(session: AsyncSession) -> dict[str, Any]:
        owner = await only_or_named(session, email)
        key = await create_key(
            session, account_id=owner.id, name=name, scopes=scope or tuple(SCOPES), now=utc_now()
        )
        await note_act(session, "made a key", owner.email, f"{name}, {key.prefix}…")
        return {"key_id": key.id, "email": owner.email, "api_key": key.secret}

    made = in_transaction(work)
    if as_json:
        print_json(made)
        return
    typer.echo(f"API key of {made['email']}, shown this once: {made['api_key']}")


@app.command("list")
def list_(email: AccountOption = None, as_json: Json = False) -> None:
    """List an account's keys; the keys themselves cannot be shown again."""
    from sqlalchemy.ext.asyncio import AsyncSession

    from hub.accounts import SCOPES, list_keys
    from hub.cli.opened import in_transaction, only_or_named

    async def work(session: AsyncSession) -> list[dict[str, Any]]:
        owner = await only_or_named(session, email)
        return [
            {
                "key_id": key.id,
                "name": key.name,
                "begins": key.prefix,
                "scopes": "all" if set(key.scopes) == set(SCOPES) and not as_json else key.scopes,
                "created_at": key.created_at,
                "last_used_at": key.last_used_at,
                "revoked_at": key.revoked_at,
            }
            for key in await list_keys(session, owner.id)
        ]

    print_rows(in_transaction(work), as_json=as_json, empty="No keys yet; make one: sayhook keys create")


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="The id that `sayhook keys list` shows.")]) -> None:
    """Revoke a key for good; requests with it get 401 from now on."""
    from sqlalchemy.ext.asyncio import AsyncSession

    from hub.accounts import find_account, revoke_key
    from hub.cli.opened import in_transaction, note_act
    from hub.hub import utc_now

    async def work(session: AsyncSession) -> str:
        key = await revoke_key(session, key_id, now=utc_now())
        owner = await find_account(session, key.account_id)
        await note_act(session, "revoked a key", owner.email, f"{key.name}, {key.prefix}…")
        return key.prefix

    typer.echo(f"The key {in_transaction(work)}… is revoked.")
