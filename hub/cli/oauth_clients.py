"""`sayhook oauth-clients`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.output import Json, print_json, print_rows

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

app = typer.Typer(
    help="Register the apps that may ask people for access, such as Zapier and Make.", no_args_is_help=True
)
ClientId = Annotated[str, typer.Argument(help="The id that `sayhook oauth-clients list` shows.")]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help="Allow only this; repeat for several.")]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What people are shown on the consent page.")],
    redirect_uri: Annotated[
        list[str], typer.Option(help="Where codes may be sent, to the letter; repeat for several.")
    ],
    public: Annotated[
        bool, typer.Option("--public", help="An app that can keep no secret; it proves itself by PKCE.")
    ] = False,
    scope: Scopes = None,
    as_json: Json = False,
) -> None:
    """Register an app. Its secret is shown this once: we keep only its digest.

    Examples:

        sayhook oauth-clients create --name Zapier
        --redirect-uri https://zapier.com/dashboard/auth/oauth/return/App123CLIAPI/

        sayhook oauth-clients create --name Make --redirect-uri https://www.make.com/oauth/cb/app
        --redirect-uri https://www.integromat.com/oauth/cb/app
    """
    from hub.accounts import SCOPES
    from hub.cli.opened import in_transaction, note_act
    from hub.hub import utc_now
    from hub.oauth import NewClient, create_client
    from hub.settings import Settings

    async def work(session: AsyncSession) -> NewClient:
        client = await create_client(
            session,
            name=name,
            redirect_uris=redirect_uri,
            public=public,
            scopes=scope or tuple(SCOPES),
            now=utc_now(),
        )
        await note_act(session, "registered an app", name, client.id)
        return client

    settings = Settings()
    made = in_transaction(work, settings)
    _print_credentials(made.id, made.secret, as_json)
    if not settings.public_url.startswith("https://"):
        typer.echo(
            "Apps elsewhere need this hub behind https: set SAYHOOK_PUBLIC_URL to that address.", err=True
        )


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the apps; their secrets cannot be shown again."""
    from hub.accounts import SCOPES
    from hub.cli.opened import in_transaction
    from hub.oauth import list_clients

    async def work(session: AsyncSession) -> list[dict[str, Any]]:
        return [
            {
                "client_id": client.id,
                "name": client.name,
                "kind": "public" if client.secret_digest is None else "confidential",
                "redirect_uris": client.redirect_uris,
                "scopes": "all" if set(client.scopes) == set(SCOPES) and not as_json else client.scopes,
                "created_at": client.created_at,
            }
            for client in await list_clients(session)
        ]

    print_rows(
        in_transaction(work), as_json=as_json, empty="No apps yet; make one: sayhook oauth-clients create"
    )


@app.command()
def edit(
    client_id: ClientId,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    add_redirect_uri: Annotated[list[str] | None, typer.Option(help="Allow this one too.")] = None,
    remove_redirect_uri: Annotated[list[str] | None, typer.Option(help="Allow this one no more.")] = None,
    scope: Scopes = None,
) -> None:
    """Change an app. Fewer scopes hold for what is connected already from its next refresh on.

    Example:

        sayhook oauth-clients edit shc_abc --add-redirect-uri https://www.make.com/oauth/cb/sayhook
    """
    from hub.cli.opened import in_transaction, note_act
    from hub.oauth import edit_client

    async def work(session: AsyncSession) -> str:
        client = await edit_client(
            session,
            client_id,
            name=name,
            add_redirect_uris=add_redirect_uri or (),
            remove_redirect_uris=remove_redirect_uri or (),
            scopes=scope or None,
        )
        await note_act(session, "edited an app", client.name, ", ".join(client.redirect_uris))
        return f"{client.name} may send people back to {', '.join(client.redirect_uris)}."

    typer.echo(in_transaction(work))


@app.command("rotate-secret")
def rotate_secret(
    client_id: ClientId,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=720, help="How long the old secret works on; 0 ends it now.")
    ] = 24,
    as_json: Json = False,
) -> None:
    """Give an app a new secret, shown this once."""
    from datetime import timedelta

    from hub.cli.opened import in_transaction, note_act
    from hub.hub import utc_now
    from hub.oauth import NewClient
    from hub.oauth import rotate_secret as rotate

    async def work(session: AsyncSession) -> NewClient:
        made = await rotate(session, client_id, now=utc_now(), overlap=timedelta(hours=overlap_hours))
        await note_act(session, "gave an app a new secret", client_id)
        return made

    made = in_transaction(work)
    _print_credentials(made.id, made.secret, as_json)


@app.command()
def delete(client_id: ClientId) -> None:
    """Forget an app; every connection to it ends now."""
    from hub.cli.opened import in_transaction, note_act
    from hub.oauth import delete_client

    async def work(session: AsyncSession) -> str:
        client = await delete_client(session, client_id)
        await note_act(session, "deleted an app", client.name, client.id)
        return client.name

    typer.echo(f"{in_transaction(work)} is deleted, and every connection to it has ended.")


def _print_credentials(client_id: str, secret: str | None, as_json: bool) -> None:
    if as_json:
        print_json({"client_id": client_id, "client_secret": secret})
        return
    typer.echo(f"Client id: {client_id}")
    if secret is None:
        typer.echo("It is public: it has no secret and must use PKCE (S256).")
    else:
        typer.echo(f"Client secret, shown this once: {secret}")
