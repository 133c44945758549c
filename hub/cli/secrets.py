"""`sayhook secrets`."""

from __future__ import annotations

import asyncio

import typer

app = typer.Typer(help="Replace the key that signs links and encrypts secrets.", no_args_is_help=True)


@app.command("new-key")
def new_key() -> None:
    """Put a new key in front of those in the data folder, or print what to set in the environment.

    Restart every process of the hub afterwards, then run `sayhook secrets rotate`.
    """
    from hub.secrets import key_file, load_secrets, write_keys
    from hub.secrets import new_key as made
    from hub.settings import Settings

    settings = Settings()
    load_secrets(settings)
    if settings.secret_key.get_secret_value():
        typer.echo("Put this in front of SAYHOOK_SECRET_KEY, with a comma behind it:")
        typer.echo(made())
    else:
        path = key_file(settings)
        write_keys(path, [made(), path.read_text().strip()])
        typer.echo(f"A new key stands in front in {path}; the old one still works.")
    typer.echo("Now restart the hub, then run `sayhook secrets rotate`.")


@app.command()
def rotate() -> None:
    """Encrypt every kept secret anew under the newest key, so that older keys can be dropped.

    Every process of the hub must have been restarted with the new key in front: one that has not cannot read
    what is written here. May be run while the hub works, and again at any time.
    """
    from hub.cli.opened import database, note_act
    from hub.errors import Conflict
    from hub.secrets import load_secrets
    from hub.settings import Settings
    from hub.store.resealing import Resealing, reseal

    settings = Settings()
    secrets = load_secrets(settings)

    async def work() -> Resealing:
        async with database(settings) as opened:
            await opened.migrate()
            done = await reseal(opened, secrets)
            async with opened.transaction() as session:
                await note_act(session, "rotated the secrets", "the hub", f"{done.written} encrypted anew")
            return done

    done = asyncio.run(work())
    typer.echo(f"{done.written} secrets were encrypted anew; {done.current} were under the newest key.")
    if done.unreadable:
        raise Conflict(
            f"{done.unreadable} secrets were made with a key that is not here any more and stay unreadable. "
            "Put that key back behind the newest one and run this again."
        )
    typer.echo("Older keys may be dropped as soon as no link that they signed needs to live.")


@app.command("drop-old-keys")
def drop_old_keys() -> None:
    """Keep only the newest key in the data folder, once `sayhook secrets rotate` has been run."""
    from hub.errors import Conflict
    from hub.secrets import key_file, load_secrets, write_keys
    from hub.settings import Settings

    settings = Settings()
    load_secrets(settings)
    if settings.secret_key.get_secret_value():
        raise Conflict("The keys are in SAYHOOK_SECRET_KEY: take the old ones out there.")
    path = key_file(settings)
    newest, *old = path.read_text().strip().split(",")
    write_keys(path, [newest])
    typer.echo(f"{len(old)} old keys dropped. Restart the hub: it still holds them.")
