"""Which room may import which, read from every import in the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("engine", "webhooks", "connectors", "hub")
MAY_IMPORT = {
    "engine": {"engine"},
    "webhooks": {"webhooks"},
    "connectors": {"connectors", "webhooks", "engine"},
    "hub": set(ROOMS),
}
CONNECTORS_MAY_USE = ("engine.values", "engine.errors", "engine.languages", "engine.longform", "webhooks")
LONGEST_FILE = 400


def sources(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    package = path.relative_to(ROOT).with_suffix("").parts
    package = package if path.name == "__init__.py" else package[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            origin = ".".join(part for part in (start, node.module) if part)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def forbidden(room: str, imports: Iterator[str]) -> list[str]:
    ours = [name for name in imports if name.split(".")[0] in (*ROOMS, "tests")]
    wrong = [name for name in ours if name.split(".")[0] not in MAY_IMPORT[room]]
    if room == "connectors":
        wrong += [
            name
            for name in ours
            if name.split(".")[0] in ("engine", "webhooks") and not name.startswith(CONNECTORS_MAY_USE)
        ]
    return wrong


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_imports_only_what_it_may(room: str) -> None:
    files = sources(room)
    assert files
    wrong = {
        str(path.relative_to(ROOT)): names for path in files if (names := forbidden(room, imports_of(path)))
    }
    assert wrong == {}


def test_the_rule_notices_a_forbidden_import() -> None:
    assert forbidden("engine", iter(["hub.settings.Settings"])) == ["hub.settings.Settings"]
    assert forbidden("connectors", iter(["engine.speaker.Engine"])) == ["engine.speaker.Engine"]
    assert forbidden("webhooks", iter(["httpx.Client", "webhooks.errors.Refused"])) == []


def test_no_file_is_too_long_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(*ROOMS, "tests")
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_every_public_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources(*ROOMS)
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_names_say_what_things_are() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
    assert [str(path.relative_to(ROOT)) for path in sources(*ROOMS) if path.stem in vague] == []


@pytest.mark.parametrize("room", [*ROOMS, "manifests", "tests"])
def test_the_room_exists(room: str) -> None:
    assert (ROOT / room).is_dir()


@pytest.mark.parametrize("room", ROOMS)
def test_each_python_room_is_typed(room: str) -> None:
    assert (ROOT / room / "py.typed").is_file()
