"""Settings, pins and files that documents and recipes speak of."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hub.settings import Settings

ROOT = Path(__file__).parents[2]
NAMES = {f"SAYHOOK_{name.upper()}" for name in Settings.model_fields}
DOCUMENTS = (
    "README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "compose.yaml",
    "Dockerfile",
    "Makefile",
)


def test_the_example_lists_every_setting_and_no_other() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    listed = [found[1] for line in lines if (found := re.match(r"# (SAYHOOK_[A-Z_]+)=", line))]
    assert sorted(listed) == sorted(NAMES)


def test_the_example_gives_each_setting_its_own_description_and_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        entry = re.search(rf"((?:^# .*\n)+)# SAYHOOK_{name.upper()}=(.*)$", example, re.MULTILINE)
        assert entry is not None
        said = " ".join(entry[1].replace("# ", "").split())
        assert said == " ".join((field.description or "").split())
        if name != "models":
            monkeypatch.setenv(f"SAYHOOK_{name.upper()}", entry[2])
    taken = Settings(_env_file=None)
    plain = Settings.model_construct()
    for name in set(Settings.model_fields) - {"models"}:
        assert getattr(taken, name) == getattr(plain, name), name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_setting_a_document_speaks_of_exists(document: str) -> None:
    """Those of the tests themselves (`SAYHOOK_TEST_…`) are no settings."""
    spoken_of = set(re.findall(r"SAYHOOK_(?!TEST_)[A-Z_]+", (ROOT / document).read_text("utf-8")))
    assert spoken_of <= NAMES


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    found = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in found}


def test_every_direct_dependency_is_pinned_to_a_version_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    direct = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    wrong = [
        line
        for line in direct
        if (need := Requirement(line))
        and not need.specifier.contains(pins().get(canonicalize_name(need.name), "0"), prereleases=True)
    ]
    assert wrong == []


def test_torch_and_torchaudio_stay_a_pair() -> None:
    assert (pins()["torch"], pins()["torchaudio"]) == ("2.14.1", "2.11.0")
