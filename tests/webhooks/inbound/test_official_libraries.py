"""Every platform's own library gives the same verdict as ours on hundreds of deliveries, good and spoilt."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from tests.npm import installed
from tests.webhooks.inbound.cases import Case, shopify, spoilt, standard, webflow, wix
from webhooks.errors import NotVerified

CASES, LEAST = 960, 200
FOLDER = Path(__file__).parent / "official"


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The libraries, installed from the package registry."""
    return installed(FOLDER, tmp_path_factory.mktemp("official") / "libraries")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("make", [shopify, webflow, standard, wix])
def test_the_verdicts_agree(official: Path, make: Callable[[Random, datetime], Case]) -> None:
    random = Random(make.__name__)
    now = datetime.now(UTC)
    cases = [spoilt(make(random, now), random) for _ in range(CASES)]
    ours = [accepts(case, now) for case in cases]
    assert LEAST <= sum(ours) <= CASES - LEAST
    assert ours == verdicts(official, cases)


def accepts(case: Case, now: datetime) -> bool:
    try:
        case.verifier().verify(case.headers, case.body.encode(), now)
    except NotVerified:
        return False
    return True


def verdicts(official: Path, cases: list[Case]) -> list[bool]:
    lines = "\n".join(case.as_json() for case in cases)
    done = subprocess.run(
        ["node", "verdicts.mjs"], cwd=official, input=lines, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return [line == "true" for line in done.stdout.split()]
