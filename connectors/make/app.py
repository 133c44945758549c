"""The files of a Make app, read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from connectors.make.errors import AppInvalid

Kind: TypeAlias = Literal["connection", "webhook", "module", "rpc"]

_PARTS: Final = ("connection", "webhook", "module", "rpc", "function", "endpoint")


@dataclass(frozen=True, slots=True)
class Component:
    """A connection, webhook, module or RPC. `codes` are its files by their keys in makecomapp.json."""

    kind: Kind
    name: str
    about: Mapping[str, Any]
    codes: Mapping[str, Any]

    def code(self, key: str, default: Any = None) -> Any:
        return self.codes.get(key, default)

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """All fields that its form has."""
        keys = ("params", "staticParams", "mappableParams")
        return [field for key in keys for field in self.code(key, [])]

    @property
    def interface(self) -> list[dict[str, Any]]:
        fields: list[dict[str, Any]] = self.code("interface", [])
        return fields


@dataclass(frozen=True, slots=True)
class App:
    """`base` is what modules and RPCs inherit; connections and webhooks inherit nothing."""

    base: Mapping[str, Any]
    groups: list[dict[str, Any]]
    components: Mapping[Kind, Mapping[str, Component]]
    files: frozenset[str]

    def component(self, kind: Kind, name: str) -> Component:
        """Raises AppInvalid for one that is not there."""
        found = self.components[kind].get(name)
        if found is None:
            raise AppInvalid(f"makecomapp.json has no {kind} {name}.")
        return found


def load_app(folder: Path, *, hub: tuple[str, str] | None = None) -> App:
    """Read `folder`. `hub` is an address in the files and the one to use in its place.

    Raises AppInvalid for a file that is missing or is not JSON.
    """
    reader = _Reader(folder, hub)
    about = reader.read("makecomapp.json")
    general = about["generalCodeFiles"]
    for name in (general["readme"],):
        reader.note(name)
    components = {
        kind: {name: reader.component(kind, name, one) for name, one in about["components"][kind].items()}
        for kind in _PARTS
        if kind not in ("function", "endpoint")
    }
    base, groups = reader.read(general["base"]), reader.read(general["groups"])
    return App(base, groups, components, frozenset(reader.seen))  # type: ignore[arg-type]  # the kinds of _PARTS


class _Reader:
    def __init__(self, folder: Path, hub: tuple[str, str] | None) -> None:
        self._folder = folder
        self._hub = hub
        self.seen: set[str] = set()

    def note(self, name: str) -> str:
        path = self._folder / name
        if not path.is_file():
            raise AppInvalid(f"{name} is named in makecomapp.json and is not there.")
        self.seen.add(name)
        return path.read_text("utf-8")

    def read(self, name: str) -> Any:
        text = self.note(name)
        if self._hub is not None:
            text = text.replace(*self._hub)
        try:
            return json.loads(text)
        except ValueError as error:
            raise AppInvalid(f"{name} is not JSON: {error}.") from error

    def component(self, kind: Any, name: str, about: Mapping[str, Any]) -> Component:
        codes = {key: self.read(path) for key, path in about["codeFiles"].items() if path is not None}
        return Component(kind, name, about, codes)
