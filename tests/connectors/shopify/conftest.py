from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_client_schema

from connectors.shopify.documents import API_VERSION

FOLDER = Path(__file__).parent / "official"
SCHEMA_PACKAGE = "@shopify/dev-mcp@1.16.0"
_QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--silent"]


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shopify's Node libraries, installed from the package registry."""
    folder = tmp_path_factory.mktemp("shopify") / "libraries"
    shutil.copytree(FOLDER, folder)
    _npm(["install", *_QUIET], folder)
    return folder


@pytest.fixture(scope="session")
def admin_schema(tmp_path_factory: pytest.TempPathFactory) -> GraphQLSchema:
    """The whole schema of the Admin API as Shopify publishes it."""
    folder = tmp_path_factory.mktemp("schema")
    _npm(["pack", SCHEMA_PACKAGE, *_QUIET], folder)
    return _schema_in(next(folder.glob("*.tgz")))


@cache
def _schema_in(archive: Path) -> GraphQLSchema:
    with tarfile.open(archive) as files:
        packed = files.extractfile(f"package/dist/data/admin_{API_VERSION}.json.gz")
        assert packed is not None
        found = json.loads(gzip.decompress(packed.read()))
    # Shopify deprecates a few fields that its interfaces keep, which graphql-core would not have.
    return build_client_schema(found.get("data", found), assume_valid=True)


def _npm(arguments: list[str], folder: Path) -> None:
    npm = shutil.which("npm")
    assert npm, "npm is missing: install nodejs and npm"
    done = subprocess.run([npm, *arguments], cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
