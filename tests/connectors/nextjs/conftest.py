"""The built npm package, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.nextjs.workspace import Workspace, opened


@pytest.fixture(scope="session")
def workspace() -> Iterator[Workspace]:
    """With the package built as it is published."""
    with opened() as found:
        found.install(found.package)
        found.npm(found.package, "run", "build")
        yield found
