"""The voice models, which every test that speaks shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine import models


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """The default models folder of this user, filled once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "sayhook" / "models"
    if models.missing(folder):
        models.fetch(folder, lambda name, done, total: None)
    return folder
