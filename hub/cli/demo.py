"""`sayhook demo`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from hub.cli.output import Json, print_json


def demo(
    connector: Annotated[str, typer.Argument(help="Which platform; `sayhook connectors` lists them.")] = "",
    as_json: Json = False,
) -> None:
    """Show the whole loop with a simulated platform: event, speech, audio on its page. Needs no account.

    It starts a hub of its own, connects the platform's simulator, lets its owner act once, and succeeds only
    when the audio is on the simulated page and plays.

    Examples:

        sayhook demo woocommerce

        sayhook demo shopify --json
    """
    from rich.console import Console

    from hub.connections.catalogue import catalogue, connector_named
    from hub.demo.loop import DemoFailed, demonstrate
    from hub.serve import models
    from hub.settings import Settings

    settings, console = Settings(), Console(stderr=True, soft_wrap=True, highlight=False)
    if not connector:
        simulated = [
            name for name, one in catalogue(settings).items() if (one.folder / "simulator.py").is_file()
        ]
        typer.echo(f"Which platform? There are {', '.join(simulated)}.", err=True)
        raise typer.Exit(2)
    chosen = connector_named(settings, connector)
    models.ensure(settings.models, console)

    def say(sentence: str) -> None:
        console.print(f"{sentence} …")

    try:
        evidence = asyncio.run(demonstrate(chosen, settings.models, say))
    except DemoFailed as error:
        console.print(str(error), markup=False)
        raise typer.Exit(1) from error
    if as_json:
        print_json(evidence.document())
        return
    typer.echo(
        f"{chosen.manifest.name} speaks: {evidence.audio_url}\n"
        f"found on {evidence.found_at}, {evidence.seconds:.1f} s after the event."
    )
