"""Around the bare model the hub adds little time."""

from __future__ import annotations

from datetime import datetime
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from engine.speaker import Engine
from engine.values import SpeechRequest
from hub.cli.bench import bare_model, recorded_feeds, run_bare
from hub.settings import Settings
from tests.flow.running_hub import RunningHub

pytestmark = pytest.mark.alone

LIMIT = 1.10
"""Times the bare model."""
FEWEST_ROUNDS, MOST_ROUNDS = 2, 12
"""The fastest of each kind are compared, and the usual ones: other work may cost more rounds."""
POLLED_EVERY = 1.0
"""Seconds. Whoever asks more often keeps the cores from the worker, not from the bare model."""
LANGUAGES = ("en", "auto")
TEXT = "Your order has left our warehouse and will be with you on Thursday, between nine and noon."


def test_a_generation_in_the_worker_takes_hardly_longer_than_the_bare_model(hub_server: RunningHub) -> None:
    """From the moment the worker takes the job to the moment its audio is stored and paid."""
    account = hub_server.new_account(plan="paid", credits=100 * MOST_ROUNDS)
    settings = Settings()
    with recorded_feeds() as feeds:
        Engine(settings.models).speak(SpeechRequest(text=TEXT, language="en"))
    model = bare_model(settings.models, settings.worker_threads)
    run_bare(model, feeds)
    # The worker spoke when it started. Whatever else is slow the first time counts against it.
    in_the_worker: dict[str, list[float]] = {language: [] for language in LANGUAGES}
    bare: list[float] = []
    while len(bare) < FEWEST_ROUNDS or (_worst(in_the_worker, bare) > LIMIT and len(bare) < MOST_ROUNDS):
        for language, seconds in in_the_worker.items():
            final = account.wait(_generate(account, language), pause=POLLED_EVERY)
            seconds.append(_seconds_in_the_worker(final))
        started = perf_counter()
        run_bare(model, feeds)
        bare.append(perf_counter() - started)
    for language, seconds in in_the_worker.items():
        ratio = _ratio(seconds, bare)
        print(f"{language}: worker {median(seconds):.3f} s, bare {median(bare):.3f} s, ratio {ratio:.3f}")
    assert _worst(in_the_worker, bare) <= LIMIT, (in_the_worker, bare)


def _worst(ours: dict[str, list[float]], bare: list[float]) -> float:
    return max(_ratio(seconds, bare) for seconds in ours.values())


def _ratio(ours: list[float], bare: list[float]) -> float:
    return min(min(ours) / min(bare), median(ours) / median(bare))


def _generate(account: Any, language: str) -> str:
    generation: str = account.generate(TEXT, language=language)["id"]
    return generation


def _seconds_in_the_worker(final: dict[str, Any]) -> float:
    assert final["status"] == "completed", final
    started, completed = (datetime.fromisoformat(final[name]) for name in ("started_at", "completed_at"))
    return (completed - started).total_seconds()
