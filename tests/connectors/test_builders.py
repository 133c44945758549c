"""Scenario builders: whole folders, apart from the connectors, refused with the mend."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from connectors.builders import builders
from connectors.discovery import discover
from connectors.errors import ConnectorInvalid

MANIFEST = """
kind = "builder"
name = "Flows"
summary = "Flows that speak."
steps = ["Press the button."]
links = { home = "https://flows.example", docs = "https://flows.example/docs" }
app = { redirect_uris = ["https://flows.example/back"], scopes = ["speech:write"] }
hooks = { hosts = ["hooks.flows.example"] }
triggers = { "Voice Ready" = "Starts with a voice." }
actions = { "Speak" = "Speaks." }
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    folder = tmp_path / "their_builders" / "flows"
    folder.mkdir(parents=True)
    for name, text in (
        ("../__init__.py", ""),
        ("connector.toml", MANIFEST),
        ("__init__.py", ""),
        ("README.md", "# Flows"),
        ("icon.svg", "<svg/>"),
    ):
        (folder / name).write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield import_module("their_builders")
    sys.modules.pop("their_builders", None)


def test_ours_stand_apart_from_the_connectors() -> None:
    assert "zapier" in builders()
    assert not set(builders()) & set(discover())
    for builder in builders().values():
        assert builder.page.text.startswith(f"# {builder.page.title}")
        assert builder.page.icon.read_text().startswith("<svg")


def test_a_folder_is_all_it_takes(package: ModuleType) -> None:
    assert builders(package)["flows"].manifest.hooks.goodbye is False
    assert dict(discover(package)) == {}


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        (MANIFEST.replace("summary", "sumary"), "flows/connector.toml: summary is missing"),
        (MANIFEST + 'colour = "red"', "flows/connector.toml: colour is not known"),
    ],
)
def test_a_mistake_is_named(package: ModuleType, spoilt: str, sentence: str) -> None:
    folder = Path(package.__path__[0]) / "flows"
    (folder / "connector.toml").write_text(spoilt, "utf-8")
    with pytest.raises(ConnectorInvalid) as raised:
        builders(package)
    assert sentence in str(raised.value)
    (folder / "connector.toml").write_text(MANIFEST, "utf-8")
    (folder / "icon.svg").unlink()
    with pytest.raises(ConnectorInvalid, match=r"^flows/icon\.svg is missing"):
        builders(package)
