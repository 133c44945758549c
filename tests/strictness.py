"""Rules for every test: in continuous integration nothing may be skipped or expected to fail."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

IN_CI = bool(os.environ.get("CI"))


def _refuse(report: pytest.TestReport | pytest.CollectReport, what: str) -> None:
    report.outcome = "failed"
    report.longrepr = f"{what} is not allowed when CI is set: {report.longrepr or report.nodeid}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if IN_CI and hasattr(report, "wasxfail"):
        del report.wasxfail
        _refuse(report, "An expected failure")
    elif IN_CI and report.skipped:
        _refuse(report, "A skipped test")
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if IN_CI and report.outcome == "skipped":
        _refuse(report, "A skipped module")
    return report
