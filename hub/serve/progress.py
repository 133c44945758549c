"""What a start waits for: a line that changes on a terminal, a line now and then in a log."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console

EVERY_SECONDS = 15.0


@contextlib.contextmanager
def progress(
    console: Console, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[str], None]]:
    """Call what it yields with what is waited for, as often as you like."""
    if console.is_terminal:
        with console.status("Starting") as status:
            yield status.update
    else:
        console.print("Starting the queue, the workers and the web process.")
        yield _now_and_then(console, clock)


def _now_and_then(console: Console, clock: Callable[[], float]) -> Callable[[str], None]:
    told = begun = clock()

    def say(sentence: str) -> None:
        nonlocal told
        if clock() - told >= EVERY_SECONDS:
            told = clock()
            console.print(f"{sentence} ({told - begun:.0f} s)", highlight=False, soft_wrap=True)

    return say
