from __future__ import annotations

from pathlib import Path

import pytest

from engine import Engine


@pytest.fixture(scope="session")
def engine(models_folder: Path) -> Engine:
    """One loaded engine for all tests; a request leaves nothing behind in it."""
    loaded = Engine(models_folder)
    loaded.warm_up()
    return loaded
