"""`@sayhook/next` as it is published: its own tests, its types, its size, and nothing but Web APIs."""

from __future__ import annotations

import gzip
import json
import re
import subprocess

import pytest

from tests.connectors.nextjs.workspace import Workspace

pytestmark = pytest.mark.xdist_group("browser")

LARGEST_ENTRY = 6000
CLIENT_ENTRIES = ("index", "react")
IMPORTED = {"openapi-fetch", "@ai-sdk/provider", "react", "react/jsx-runtime"}


def test_its_own_tests_pass(workspace: Workspace) -> None:
    told = workspace.npm(workspace.package, "test", "--silent", "--", "--test-reporter=tap")
    counts = dict(re.findall(r"^# (tests|pass|fail|skipped) (\d+)$", told, re.MULTILINE))
    assert counts["pass"] == counts["tests"]
    assert int(counts["tests"]) >= 12


def test_publint_and_attw_find_nothing(workspace: Workspace) -> None:
    assert "All good" in workspace.npm(workspace.package, "run", "check", "--silent")


@pytest.mark.parametrize("entry", CLIENT_ENTRIES)
def test_an_entry_for_browsers_is_small(workspace: Workspace, entry: str) -> None:
    bundle = [
        *("node_modules/.bin/esbuild", f"dist/{entry}.js", "--bundle", "--minify", "--format=esm"),
        *("--external:react", "--external:react/jsx-runtime"),
    ]
    made = subprocess.run(bundle, cwd=workspace.package, capture_output=True, timeout=60)
    assert made.returncode == 0, made.stderr.decode()
    assert 500 < len(gzip.compress(made.stdout)) < LARGEST_ENTRY


def test_it_uses_nothing_that_an_edge_lacks(workspace: Workspace) -> None:
    for script in (workspace.package / "dist").glob("*.js"):
        text = script.read_text("utf-8")
        imported = set(re.findall(r"from ['\"]([^'\"]+)['\"]", text))
        strange = {name for name in imported - IMPORTED if not name.startswith("./")}
        assert not strange, f"{script.name} imports {strange}"
        assert not re.search(r"\bBuffer\b|\brequire\(|\beval\(|new Function", text), script.name


def test_it_is_of_the_hub_s_version_and_ships_what_it_says(workspace: Workspace) -> None:
    manifest = json.loads((workspace.package / "package.json").read_text("utf-8"))
    assert set(manifest["exports"]) == {".", "./next", "./webhooks", "./react", "./ai", "./package.json"}
    packed = json.loads(workspace.npm(workspace.package, "pack", "--dry-run", "--json", "--silent"))
    names = {file["path"] for file in packed[0]["files"]}
    targets = {path.removeprefix("./") for entry in manifest["exports"].values() for path in _leaves(entry)}
    assert targets | {"README.md", "LICENSE"} <= names
    assert not any(name.startswith(("src/", "test/")) for name in names)


def _leaves(entry: str | dict[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())
