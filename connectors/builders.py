"""Scenario builders (Zapier, Make): their people put our triggers and actions into flows of their own.

A folder whose `connector.toml` says `kind = "builder"` is one. It sends no events for us to read, so there is
no `parse`, no `push` and no connection: its app calls the API with OAuth tokens and subscribes hooks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field, ValidationError
from starlette.types import ASGIApp

from connectors.connector import Page
from connectors.errors import ConnectorInvalid
from connectors.manifest import Links, Section, Words, sentence_of

_FILES = ("__init__.py", "README.md", "icon.svg")


class App(Section):
    """What `sayhook oauth-clients create` registers. `*` stands for what the platform gives."""

    redirect_uris: Annotated[list[str], Field(min_length=1)]
    scopes: Annotated[list[str], Field(min_length=1)]


class Hooks(Section):
    """`hosts` are where its hooks live; `goodbye`: they take DELETE when we drop them ourselves."""

    hosts: list[str]
    goodbye: bool = False


class Template(Section):
    """A whole flow, step by step, for somebody who has never made one."""

    name: Words
    steps: Annotated[list[Words], Field(min_length=2)]


class BuilderManifest(Section):
    """`triggers`, `actions` and `searches` are named as their people see them, each with what it does."""

    kind: Literal["builder"]
    name: Words
    summary: Words
    links: Links
    app: App
    hooks: Hooks
    triggers: Annotated[dict[str, Words], Field(min_length=1)]
    actions: Annotated[dict[str, Words], Field(min_length=1)]
    searches: dict[str, Words] = Field(default_factory=dict)
    steps: Annotated[list[Words], Field(min_length=1)]
    """What to click to get from nothing to the first flow."""
    templates: list[Template] = Field(default_factory=list)


class BuilderSimulator(Protocol):
    """A platform's own addresses: of a Zap or a scenario that starts with us, and what it was told there."""

    @property
    def app(self) -> ASGIApp: ...

    def opened(self) -> str: ...

    def heard_at(self, url: str) -> Sequence[Mapping[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Builder:
    """One scenario builder; `folder` holds its files, `module` is its import name."""

    name: str
    module: str
    folder: Path
    manifest: BuilderManifest

    @property
    def page(self) -> Page:
        text = (self.folder / "README.md").read_text("utf-8")
        return Page(self.manifest.name, self.manifest.summary, text, self.folder / "icon.svg")

    def simulator(self, home: str) -> BuilderSimulator:
        """A new stand-in for the platform's own addresses, that will be served at `home`."""
        made: BuilderSimulator = import_module(f"{self.module}.simulator").Simulator(home)
        return made


def is_builder(folder: Path) -> bool:
    try:
        return tomllib.loads((folder / "connector.toml").read_text("utf-8")).get("kind") == "builder"
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False  # whoever reads it as a connector says what is wrong


def builders(package: ModuleType | None = None) -> Mapping[str, Builder]:
    """Every scenario builder of `package` (this one) by name. Raises ConnectorInvalid."""
    home = package or import_module("connectors")
    folders = sorted(
        folder for root in home.__path__ for folder in Path(root).iterdir() if is_builder(folder)
    )
    return MappingProxyType({folder.name: _builder(home.__name__, folder) for folder in folders})


def _builder(package: str, folder: Path) -> Builder:
    for name in _FILES:
        if not (folder / name).is_file():
            raise ConnectorInvalid(f"{folder.name}/{name} is missing: every connector has one.")
    try:
        manifest = BuilderManifest.model_validate(
            tomllib.loads((folder / "connector.toml").read_text("utf-8"))
        )
    except ValidationError as error:
        shown = f"{folder.name}/connector.toml"
        raise ConnectorInvalid(" ".join(sentence_of(shown, one) for one in error.errors())) from error
    return Builder(folder.name, f"{package}.{folder.name}", folder, manifest)
