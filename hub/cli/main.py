"""The command tree, and the one place where a refusal becomes a sentence on standard error."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

import typer

from hub.cli import (
    accounts,
    bench,
    check,
    connectors,
    credits,
    demo,
    evaluation,
    jobs,
    keys,
    models,
    oauth_clients,
    operation,
    processes,
    say,
    secrets,
)
from hub.cli.refusal import sentence_for

HELP = """Webhooks that speak: a self-hosted no-code voice hub.

Start everything on this machine and follow what it prints:

    sayhook serve

Speak without a server:

    sayhook say "(cheerful) Good morning!" -o morning.mp3

Something is wrong? `sayhook check` says what, and how to mend it. Settings come from the environment
(SAYHOOK_DATA, PORT, ...) or a .env file; .env.example lists them all.
"""

app = typer.Typer(
    name="sayhook",
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command()(processes.serve)
app.command()(say.say)
app.command()(check.check)
app.command("eval")(evaluation.evaluate)
app.command()(processes.web)
app.command()(processes.worker)
app.command()(processes.migrate)
app.command()(operation.queue)
app.command()(operation.workers)
app.command()(demo.demo)
app.add_typer(connectors.app, name="connectors")
app.add_typer(models.app, name="models")
app.add_typer(accounts.app, name="accounts")
app.add_typer(keys.app, name="keys")
app.add_typer(credits.app, name="credits")
app.add_typer(jobs.app, name="jobs")
app.add_typer(oauth_clients.app, name="oauth-clients")
app.add_typer(secrets.app, name="secrets")
app.add_typer(bench.app, name="bench")
app.command()(processes.openapi)


@app.command()
def version() -> None:
    """Print the installed version."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        typer.echo(f"sayhook {installed('sayhook')}")
    except PackageNotFoundError:
        typer.echo("sayhook (not installed: running from its source folder)")


def main() -> NoReturn:
    """Exit codes: 0 done, 1 refused, 2 wrong usage, 130 interrupted."""
    # What goes wrong is told by the sentence below; only long-running processes set up a log of their own.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        app()
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        typer.echo(sentence_for(error), err=True)
        if os.environ.get("SAYHOOK_LOG_LEVEL", "").lower() == "debug":
            raise
        sys.exit(1)
    sys.exit(0)
