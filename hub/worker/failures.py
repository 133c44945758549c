"""What went wrong with an attempt, in the words its owner reads."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError


@dataclass(frozen=True, slots=True)
class Failure:
    """`code` is for machines, `message` a sentence; `retryable` says whether another try may go better."""

    code: str
    message: str
    retryable: bool


TIMEOUT = Failure("timeout", "Speaking this text took longer than is allowed.", retryable=True)
STORAGE = Failure("storage_failed", "The finished audio could not be stored.", retryable=True)
FILE_LOST = Failure(
    "file_lost",
    "The recording of this text, or a part of it that was spoken, is not stored any more. "
    "Order it again; you were not charged.",
    retryable=False,
)
_MEMORY = Failure("out_of_memory", "The machine ran out of memory while speaking this text.", retryable=True)
_ENGINE = Failure("engine_failed", "The speech engine stopped unexpectedly.", retryable=True)


def failure_of(error: BaseException) -> Failure:
    """The engine's own errors speak for themselves; of others nothing inside is shown."""
    if isinstance(error, EngineError):
        return Failure(error.code, str(error), error.retryable)
    return _MEMORY if isinstance(error, MemoryError) else _ENGINE


def describe(error: BaseException) -> str:
    """Type and place of an error for the log: its message may hold the spoken text."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"
