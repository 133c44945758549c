from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine import Engine, models


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
    """One loaded engine for all tests; a request leaves nothing behind in it."""
    loaded = Engine(models_folder)
    loaded.warm_up()
    return loaded
