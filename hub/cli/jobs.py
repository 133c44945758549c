"""`sayhook jobs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.output import Json, print_rows

if TYPE_CHECKING:
    from hub.hub import Hub

app = typer.Typer(help="See what failed, and order it again.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """See what failed, and order it again. The words of a job are never shown."""


@app.command()
def failed(
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List the newest failures of all accounts, each with its reason."""
    from sqlalchemy.ext.asyncio import AsyncSession

    from hub.cli.opened import in_transaction
    from hub.jobs.repeat import failed_jobs

    async def work(session: AsyncSession) -> list[dict[str, Any]]:
        return [
            {
                "generation_id": job.id,
                "account_id": job.account_id,
                "failed_at": job.completed_at,
                "source": job.source,
                "code": job.error_code,
                "reason": job.error_message,
            }
            for job in await failed_jobs(session, most)
        ]

    print_rows(in_transaction(work), as_json=as_json, empty="Nothing has failed.")


@app.command()
def retry(
    generation_id: Annotated[str, typer.Argument(help="The id that `sayhook jobs failed` shows.")],
) -> None:
    """Order a failed generation again on its account, which pays as for any other."""
    from hub.accounts import audit
    from hub.cli.opened import with_hub
    from hub.jobs.repeat import repeat

    async def work(hub: Hub) -> str:
        return (await repeat(hub, generation_id, actor=audit.COMMAND_LINE)).id

    typer.echo(f"Ordered again as {with_hub(work)}.")
