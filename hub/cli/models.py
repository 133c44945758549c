"""`sayhook models`."""

from __future__ import annotations

import typer

from hub.cli.output import Json, print_rows

app = typer.Typer(help="Fetch and check the voice models.", no_args_is_help=True)


@app.command()
def fetch() -> None:
    """Download what is missing or damaged; what is already here stays."""
    from rich.console import Console

    from engine import models
    from hub.serve.models import fetch as bring
    from hub.settings import Settings

    folder = Settings().models
    if models.verify(folder):
        bring(folder, Console(soft_wrap=True))
    typer.echo(f"All voice models are in {folder}.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Show each model file, its size and whether it is here."""
    from engine import models
    from hub.settings import Settings

    folder = Settings().models
    absent = {asset.file for asset in models.missing(folder)}
    rows = [
        {
            "file": asset.file,
            "for": asset.bundle,
            "bytes": asset.size,
            "state": "missing" if asset.file in absent else "here",
        }
        for asset in models.ASSETS
    ]
    print_rows(rows, as_json=as_json, empty="This version needs no models.")


@app.command()
def verify() -> None:
    """Read every model file and compare it with its known SHA-256."""
    from engine import models
    from hub.settings import Settings

    folder = Settings().models
    damaged = models.verify(folder)
    if damaged:
        for asset in damaged:
            typer.echo(f"{asset.file} is missing or damaged.", err=True)
        typer.echo("Mend it: sayhook models fetch", err=True)
        raise typer.Exit(1)
    typer.echo(f"All {len(models.ASSETS)} model files in {folder} are whole.")
