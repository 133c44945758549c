"""The built npm package, shared by the tests of this folder."""

from __future__ import annotations

import pytest

from tests.connectors.nextjs.workspace import Workspace, copied


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """With the package built as it is published."""
    found = copied(tmp_path_factory.mktemp("nextjs"))
    found.install(found.package)
    found.build_package()
    return found
