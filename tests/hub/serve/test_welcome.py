"""The first account and what a person reads when the hub is up."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from hub.accounts import authenticate, list_accounts
from hub.secrets import load_secrets
from hub.serve.first_account import make_first_account
from hub.serve.welcome import first_request, welcome
from hub.settings import Settings
from hub.store.database import Database
from tests.databases import Prepare

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path, prepare_sqlite: Prepare) -> AsyncIterator[Database]:
    database = Database(prepare_sqlite(tmp_path))
    yield database
    await database.close()


async def test_the_first_account_is_made_once_with_a_key_that_works(
    database: Database, tmp_path: Path
) -> None:
    secrets = load_secrets(Settings(data=tmp_path))

    key = await make_first_account(database, secrets, now=NOW)
    again = await make_first_account(database, secrets, now=NOW)

    assert key is not None
    assert again is None
    async with database.reading() as session:
        (account,) = await list_accounts(session)
        caller = await authenticate(session, key, NOW)
    assert (account.id, account.credits) == (caller.account_id, 500)


def test_a_new_key_is_shown_and_put_into_the_request() -> None:
    text = welcome("http://127.0.0.1:9000", new_key="shk_new", command="sayhook")
    assert "running at http://127.0.0.1:9000 " in text
    assert text.count("shk_new") == 2
    assert "enough for 10 texts" in text
    assert "sayhook credits grant --email owner@example.com" in text


def test_later_the_way_to_another_key_is_shown() -> None:
    text = welcome("http://127.0.0.1:9000", new_key=None, command=".venv/bin/sayhook")
    assert "  .venv/bin/sayhook keys create --email owner@example.com\n" in text
    assert "KEY=PASTE_YOUR_KEY_HERE" in text


class FailingHub(BaseHTTPRequestHandler):
    """Accepts a generation that then fails."""

    def do_POST(self) -> None:
        self._answer(202, {"id": "g1", "status": "queued", "status_url": f"http://{self.headers['Host']}/g1"})

    def do_GET(self) -> None:
        self._answer(200, {"id": "g1", "status": "failed", "output_url": None})

    def _answer(self, status: int, document: dict[str, str | None]) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, *arguments: object) -> None:
        pass


def test_the_first_request_ends_when_the_generation_fails(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), FailingHub) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        commands = first_request(f"http://127.0.0.1:{server.server_port}", "shk_any")
        done = subprocess.run(["bash", "-c", commands], cwd=tmp_path, capture_output=True, timeout=30)
        server.shutdown()
        thread.join()
    assert done.returncode != 0
    assert not (tmp_path / "hello.mp3").exists()
