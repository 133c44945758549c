"""Items made on one thread and taken on another."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from queue import Empty, Full, Queue
from threading import Event
from typing import TypeVar

from engine.errors import Cancelled
from engine.values import Cancelled as IsCancelled

T = TypeVar("T")

_MOST_WAITING = 16
_LOOK_SECONDS = 0.05


class _End:
    """No more items."""


def relayed(
    run: Callable[[Callable[[], None]], object],
    make: Callable[[], Generator[T, None, None]],
    cancelled: IsCancelled | None = None,
) -> Generator[T, None, None]:
    """The items of `make()`, which runs where `run` puts it: on a thread of an executor or a new one.

    Errors come over. Closing this generator, or `cancelled` turning true (raises `Cancelled`), closes that
    generator after its present item; a slow consumer holds it up rather than filling memory.
    """
    waiting: Queue[T | BaseException | _End] = Queue(_MOST_WAITING)
    gone = Event()

    def put(item: T | BaseException | _End) -> None:
        while not gone.is_set():
            try:
                waiting.put(item, timeout=_LOOK_SECONDS)
                return
            except Full:
                continue

    def work() -> None:
        last: BaseException | _End = _End()
        try:
            if gone.is_set():
                return
            with closing(make()) as items:
                for item in items:
                    put(item)
                    if gone.is_set():
                        return
        except BaseException as error:
            last = error
        put(last)

    run(work)
    try:
        while True:
            if cancelled is not None and cancelled():
                raise Cancelled("The generation was cancelled.")
            try:
                item = waiting.get(timeout=_LOOK_SECONDS)
            except Empty:
                continue
            if isinstance(item, _End):
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        gone.set()
