"""What a start says while it waits."""

from __future__ import annotations

import io

from rich.console import Console

from hub.serve.progress import progress


def test_a_log_tells_what_is_waited_for_every_fifteen_seconds() -> None:
    now = 100.0
    log = io.StringIO()
    with progress(Console(file=log), lambda: now) as say:
        for _ in range(4 * 40):
            say("Starting: waiting for the speak worker")
            now += 0.25
    assert log.getvalue().splitlines() == [
        "Starting the queue, the workers and the web process.",
        "Starting: waiting for the speak worker (15 s)",
        "Starting: waiting for the speak worker (30 s)",
    ]


def test_a_terminal_is_shown_it_at_once() -> None:
    screen = io.StringIO()
    with progress(Console(file=screen, force_terminal=True), lambda: 0.0) as say:
        say("Starting: waiting for the speak worker")
    assert "waiting for the speak worker" in screen.getvalue()
