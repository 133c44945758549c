"""`sayhook demo`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.cli.output import Json, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from connectors.builders import Builder
    from connectors.connector import Connector


ALL: Final = "all"


def demo(
    connector: Annotated[
        str, typer.Argument(help="Which platform, or `all`; `sayhook connectors` lists them.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Show the whole loop with a simulated platform: event, speech, audio on its page. Needs no account.

    It starts a hub of its own, connects the platform's simulator, lets its owner act once, and succeeds only
    when the audio is on the simulated page and plays; at Zapier and Make, when a flow is told of it.
    With `all` each platform has its turn, and `--json` prints one line for each.

    Examples:

        sayhook demo woocommerce

        sayhook demo all --json
    """
    from rich.console import Console

    from connectors.builders import builders
    from hub.connections.catalogue import catalogue, connector_named
    from hub.serve import models
    from hub.settings import Settings

    settings, console = Settings(), Console(stderr=True, soft_wrap=True, highlight=False)
    simulated = [name for name, one in catalogue(settings).items() if (one.folder / "simulator.py").is_file()]
    simulated += builders()
    if not connector:
        typer.echo(f"Which platform? There are {', '.join(simulated)}, or all of them: all.", err=True)
        raise typer.Exit(2)
    chosen = [
        builders().get(name) or connector_named(settings, name)
        for name in (simulated if connector == ALL else [connector])
    ]
    models.ensure(settings.models, console)
    results = [_shown(one, settings.models, console, as_json=as_json) for one in chosen]
    if not all(results):
        raise typer.Exit(1)


def _shown(chosen: Connector | Builder, models: Path, console: Console, *, as_json: bool) -> bool:
    """Whether the audio arrived on the platform's page, or at the builder's flow."""
    from connectors.builders import Builder
    from hub.demo import builder_loop, loop

    def say(sentence: str) -> None:
        console.print(f"{sentence} …")

    try:
        evidence = asyncio.run(
            builder_loop.demonstrate_builder(chosen, models, say)
            if isinstance(chosen, Builder)
            else loop.demonstrate(chosen, models, say)
        )
    except loop.DemoFailed as error:
        console.print(str(error), markup=False)
        return False
    if as_json:
        print_json(evidence.document())
    else:
        typer.echo(
            f"{chosen.manifest.name} speaks: {evidence.audio_url}\n"
            f"found on {evidence.found_at}, {evidence.seconds:.1f} s after the event."
        )
    return True
