from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_client_schema

from connectors.shopify.documents import API_VERSION
from tests.npm import fetched, installed

FOLDER = Path(__file__).parent / "official"
SCHEMA_PACKAGE = "@shopify/dev-mcp@1.16.0"


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shopify's Node libraries, installed from the package registry."""
    return installed(FOLDER, tmp_path_factory.mktemp("shopify") / "libraries")


@pytest.fixture(scope="session")
def admin_schema() -> GraphQLSchema:
    """The whole schema of the Admin API as Shopify publishes it."""
    packed = fetched(SCHEMA_PACKAGE) / "dist" / "data" / f"admin_{API_VERSION}.json.gz"
    found = json.loads(gzip.decompress(packed.read_bytes()))
    # Shopify deprecates a few fields that its interfaces keep, which graphql-core would not have.
    return build_client_schema(found.get("data", found), assume_valid=True)
