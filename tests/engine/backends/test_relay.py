from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread, get_ident

import pytest

from engine.backends.relay import relayed
from engine.errors import Cancelled


def start(work: Callable[[], None]) -> None:
    Thread(target=work, daemon=True).start()


class Counting:
    """A generator of numbers that knows how far it came and that it was closed."""

    def __init__(self, error: Exception | None = None) -> None:
        self.made = 0
        self.thread = 0
        self.closed = Event()
        self._error = error

    def __call__(self) -> Generator[int, None, None]:
        self.thread = get_ident()
        try:
            while self._error is None or self.made < 3:
                self.made += 1
                yield self.made
            raise self._error
        finally:
            self.closed.set()


def test_items_come_in_order_from_another_thread() -> None:
    def three() -> Generator[int, None, None]:
        yield from (1, 2, 3)

    assert list(relayed(start, three)) == [1, 2, 3]
    counting = Counting()
    assert next(relayed(start, counting)) == 1
    assert counting.thread != get_ident()


def test_errors_come_over_after_the_items_before_them() -> None:
    numbers = relayed(start, Counting(ValueError("out of numbers")))
    assert [next(numbers) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ValueError, match="out of numbers"):
        next(numbers)


def test_a_slow_listener_holds_the_source_up() -> None:
    counting = Counting()
    numbers = relayed(start, counting)
    next(numbers)
    time.sleep(0.3)
    assert counting.made < 30
    numbers.close()


def test_leaving_closes_the_source() -> None:
    counting = Counting()
    numbers = relayed(start, counting)
    next(numbers)
    numbers.close()
    assert counting.closed.wait(5)


def test_cancelling_closes_the_source_and_does_not_wait_for_it() -> None:
    stuck = Event()

    def silent() -> Generator[int, None, None]:
        stuck.wait(10)
        yield 1

    began = time.monotonic()
    with pytest.raises(Cancelled):
        next(relayed(start, silent, lambda: time.monotonic() > began + 0.2))
    assert time.monotonic() < began + 5
    stuck.set()


def test_what_is_left_before_its_turn_never_starts() -> None:
    with ThreadPoolExecutor(1) as owner:
        gate = Event()
        owner.submit(gate.wait, 10)
        counting = Counting()
        with pytest.raises(Cancelled):
            next(relayed(owner.submit, counting, lambda: True))
        gate.set()
    assert counting.made == 0
