"""The voice models and one engine on them, which every test that speaks shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine import Engine, models

GROUPS = {"engine": "engine", "say": "voices"}
"""What takes seconds to load is loaded by one process of a parallel run: fixture and group."""


@pytest.hookimpl(tryfirst=True)  # the parallel run reads the groups in a hook of its own
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        group = next((GROUPS[name] for name in getattr(item, "fixturenames", ()) if name in GROUPS), None)
        if group is not None and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """The default models folder of this user, filled once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "sayhook" / "models"
    if models.missing(folder):
        models.fetch(folder, lambda name, done, total: None)
    return folder


@pytest.fixture(scope="session")
def engine(models_folder: Path) -> Engine:
    """One engine for all tests; a request leaves nothing behind in it.

    On one thread, as the tests themselves run side by side: that costs less and sounds the same.
    """
    return Engine(models_folder, threads=1)
