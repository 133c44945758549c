"""`sayhook connectors`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.output import Json, print_rows

app = typer.Typer(help="List the platforms this hub knows, and begin a new one.")


@app.callback(invoke_without_command=True)
def group(context: typer.Context, as_json: Json = False) -> None:
    """Lists the platforms this hub knows; `new` begins a folder for another one."""
    if context.invoked_subcommand is None:
        list_all(as_json)


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """List the connectors, those of SAYHOOK_CONNECTOR_PACKAGES too."""
    from hub.connections.catalogue import catalogue
    from hub.settings import Settings

    rows = [
        {
            "name": connector.name,
            "platform": connector.manifest.name,
            "connected_by": connector.manifest.auth.kind,
            "demo": (connector.folder / "simulator.py").is_file(),
            "summary": connector.manifest.summary,
        }
        for connector in catalogue(Settings()).values()
    ]
    print_rows(rows, as_json=as_json, empty="There is none.")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and underscores.")],
    folder: Annotated[
        Path | None, typer.Option("--in", help="The package to make it in; the hub's own when left out.")
    ] = None,
) -> None:
    """Begin a connector: a folder that is whole, is discovered, and passes the contract's tests.

    Example:

        sayhook connectors new pinboard
    """
    from hub.connections.beginning import begin

    made = begin(name, folder)
    typer.echo(
        f"{made} is there. Next: a payload as the platform sends it into fixtures/, then parse, then push."
    )
    typer.echo("Its tests: pytest tests/connectors")
