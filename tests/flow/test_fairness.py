"""One account's many jobs do not make another account's single job wait for all of them."""

from __future__ import annotations

from tests.flow.running_hub import RunningHub

MANY = 14


def test_a_single_job_passes_another_accounts_many(hub_server: RunningHub) -> None:
    busy = hub_server.new_account(plan="paid", credits=50 * MANY)
    quiet = hub_server.new_account(plan="paid")
    with hub_server.paused("worker", "speak"):
        many = [busy.generate("One more.", language="en")["id"] for _ in range(MANY)]
        last = quiet.generate("Just this one.", language="en")["id"]
    single = quiet.completed(last)
    finished = sum(generation["status"] == "completed" for generation in busy.generations())
    assert finished < MANY / 2, f"{finished} of {MANY} were spoken before the single one"
    assert single["duration_seconds"] > 0
    busy.cancel_all(many)
    for generation in many:
        busy.wait(generation)
    assert busy.balance().held == 0
