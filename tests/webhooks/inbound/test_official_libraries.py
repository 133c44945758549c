"""Every platform's own library gives the same verdict as ours on hundreds of deliveries, good and spoilt."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from tests.npm import installed
from tests.webhooks.inbound.cases import Case, shopify, spoilt, standard, webflow, wix
from webhooks import signing
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


def test_we_accept_what_the_official_library_for_node_signs(official: Path) -> None:
    """And nothing that was changed since."""
    random, at = Random("node"), int(datetime.now(UTC).timestamp())
    messages = [
        {
            "secret": signing.new_secret(),
            "id": f"msg_{number}",
            "at": at - random.randrange(300),
            "body": json.dumps({"id": number, "text": "Grüße, 世界 " * random.randrange(9)}),
        }
        for number in range(LEAST)
    ]
    lines = "\n".join(json.dumps(message) for message in messages)
    for message, signature in zip(messages, told(official, "signatures.mjs", lines), strict=True):
        headers = {
            "webhook-id": str(message["id"]),
            "webhook-timestamp": str(message["at"]),
            "webhook-signature": signature,
        }
        body = str(message["body"]).encode()
        signed = signing.verify([str(message["secret"])], headers, body, now=at)
        assert signed.message_id == message["id"]
        with pytest.raises(NotVerified):
            signing.verify([str(message["secret"])], headers, body + b" ", now=at)


def verdicts(official: Path, cases: list[Case]) -> list[bool]:
    answers = told(official, "verdicts.mjs", "\n".join(case.as_json() for case in cases))
    return [line == "true" for line in answers]


def told(official: Path, script: str, lines: str) -> list[str]:
    done = subprocess.run(
        ["node", script], cwd=official, input=lines, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
