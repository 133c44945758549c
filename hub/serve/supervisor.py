"""Keeps a set of programs running: starts them tier by tier, restarts what crashes, stops them in order."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub.serve.backoff import Backoff
from hub.serve.child import Process, Program, describe_exit
from hub.serve.failure import ChildFailed

Report = Callable[[str], None]
"""Told one sentence at a time: what crashed, what is started again, what had to be killed."""

TICK = 0.1
CRASHES_BEFORE_READY = 4
"""A program that crashes this often before the hub was ever ready will not get better by trying on."""


@dataclass(slots=True)
class _Slot:
    program: Program
    process: Process | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    crashes: int = 0

    @property
    def running(self) -> bool:
        return self.process is not None


class Supervisor:
    """Drive it with `tick` until it is time to stop, then call `stop`. One thread only."""

    def __init__(
        self,
        programs: Iterable[Program],
        *,
        report: Report,
        backoff: Backoff = Backoff(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slots = [_Slot(program) for program in sorted(programs, key=lambda program: program.tier)]
        self._report = report
        self._backoff = backoff
        self._clock = clock
        self._open_tier = min((slot.program.tier for slot in self._slots), default=0)
        self.has_been_ready = False

    def tick(self) -> None:
        """Notices ends, starts what is due, opens the next tier; raises `ChildFailed` while never ready."""
        for slot in self._slots:
            self._notice_end(slot)
        for slot in self._slots:
            if slot.program.tier <= self._open_tier and not slot.running and self._clock() >= slot.due_at:
                self._start(slot)
        self._open_next_tier()

    @property
    def all_running(self) -> bool:
        return all(slot.running for slot in self._slots)

    def processes(self) -> dict[str, int]:
        """Process id by program name, of those that run now."""
        return {slot.program.name: slot.process.pid for slot in self._slots if slot.process is not None}

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> bool:
        """Stops tier after tier, the last started first; false when `hurry()` said to kill instead."""
        for tier in sorted({slot.program.tier for slot in self._slots}, reverse=True):
            if not self._stop_tier([slot for slot in self._slots if slot.program.tier == tier], hurry):
                self._kill_all()
                return False
        return True

    def _notice_end(self, slot: _Slot) -> None:
        code = slot.process.exit_code() if slot.process else None
        if code is None:
            return
        now = self._clock()
        slot.process = None
        slot.crashes = self._backoff.crashes(slot.crashes, now - slot.started_at)
        pause = self._backoff.pause(slot.crashes)
        slot.due_at = now + pause
        self._report(
            f"The {slot.program.name} stopped ({describe_exit(code)}); starting it again in {pause:g} s."
        )
        if not self.has_been_ready and slot.crashes >= CRASHES_BEFORE_READY:
            raise ChildFailed(
                f"The {slot.program.name} stops each time it is started ({describe_exit(code)}); "
                "its last lines are above, and `sayhook check` looks for the cause."
            )
        slot.program.on_crash(slot.crashes)

    def _start(self, slot: _Slot) -> None:
        slot.started_at = self._clock()
        slot.process = Process(slot.program)

    def _open_next_tier(self) -> None:
        if all(
            slot.running and slot.program.ready()
            for slot in self._slots
            if slot.program.tier == self._open_tier
        ):
            later = [slot.program.tier for slot in self._slots if slot.program.tier > self._open_tier]
            self._open_tier = min(later, default=self._open_tier)

    def _stop_tier(self, slots: list[_Slot], hurry: Callable[[], bool]) -> bool:
        for slot in slots:
            if slot.process:
                slot.process.terminate()
        started = self._clock()
        while any(slot.process for slot in slots):
            for slot in slots:
                if slot.process and slot.process.exit_code() is not None:
                    slot.process = None
                elif slot.process and self._clock() - started > slot.program.grace:
                    self._report(
                        f"The {slot.program.name} did not stop in {slot.program.grace:g} s and was killed."
                    )
                    slot.process.kill()
            if hurry():
                return False
            select.select([], [], [], TICK / 2)
        return True

    def _kill_all(self) -> None:
        for slot in self._slots:
            if slot.process:
                slot.process.kill()
        for slot in self._slots:
            while slot.process and slot.process.exit_code() is None:
                time.sleep(TICK / 10)
            slot.process = None
