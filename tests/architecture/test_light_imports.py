"""What a process must not load: models stay in the workers, and the command line answers at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "torchaudio", "onnxruntime", "kokoro_onnx", "lingua", "scipy")


def loaded_after(statement: str) -> set[str]:
    script = f"{statement}\nimport sys\nprint(*sorted(name for name in sys.modules if '.' not in name))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


LIGHT = """
    hub.api.app hub.serve.web hub.serve engine engine.values engine.languages engine.cues engine.reference
    engine.models engine.longform webhooks connectors.values connectors.discovery
    connectors.reception connectors.woocommerce.simulator
"""


@pytest.mark.parametrize("module", LIGHT.split())
def test_no_model_library_is_loaded(module: str) -> None:
    assert loaded_after(f"import {module}").isdisjoint(HEAVY)


def test_the_command_line_loads_neither_models_nor_the_database() -> None:
    assert loaded_after("import hub.cli").isdisjoint({*HEAVY, "sqlalchemy", "starlette", "numpy", "pydantic"})


def test_the_measure_notices_what_is_loaded() -> None:
    assert "sqlite3" in loaded_after("import sqlite3")
