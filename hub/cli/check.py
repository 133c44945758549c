"""`sayhook check`: what is wrong here, in plain sentences, and how to mend it."""

from __future__ import annotations

import typer

from hub.cli.output import Json, print_json


def check(as_json: Json = False) -> None:
    """Look for everything that could keep the hub from working; exit code 1 if something is wrong."""
    from rich.console import Console

    from hub.cli.doctor import examine
    from hub.settings import Settings

    findings = examine(Settings())
    healthy = all(finding.ok for finding in findings)
    if as_json:
        rows = [{"part": f.part, "ok": f.ok, "says": f.says, "mend": f.mend} for f in findings]
        print_json({"ok": healthy, "findings": rows})
        raise typer.Exit(0 if healthy else 1)
    console = Console(soft_wrap=True, highlight=False)
    for finding in findings:
        mark = "[green]ok   [/]" if finding.ok else "[red]wrong[/]"
        console.print(f"{mark} [bold]{finding.part}[/]: ", end="")
        console.print(finding.says, markup=False)
        if finding.mend:
            console.print(f"      mend: {finding.mend}", markup=False)
    console.print(
        "Everything is in order." if healthy else "Mend the lines above and run `sayhook check` again."
    )
    raise typer.Exit(0 if healthy else 1)
