"""The example app, built once for both runtimes and served, connected to a hub."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.connectors.nextjs.workspace import Workspace
from tests.flow.api_account import ApiAccount
from tests.flow.running_hub import RunningHub
from webhooks import signing

PASSWORD = "a password of the author"
ROUTES = {"Node.js": "/api/voice", "Edge": "/api/edge/voice"}
START_SECONDS = 60.0


@dataclass(frozen=True)
class Blog:
    """`secrets` are the connections', by runtime; `built` is what `next build` made."""

    url: str
    secrets: Mapping[str, str]
    built: Path

    def tell(
        self, runtime: str, body: bytes, *, message_id: str, at: float, sent: bytes | None = None
    ) -> int:
        """The answer to a message for `runtime`, signed over `body`, carrying `sent`."""
        signed = signing.sign([self.secrets[runtime]], message_id, int(at), body)
        url = f"{self.url}{ROUTES[runtime]}/webhook"
        return requests.post(url, data=sent or body, headers=signed, timeout=30).status_code


@contextmanager
def served(workspace: Workspace, hub: RunningHub, account: ApiAccount, data: Path) -> Iterator[Blog]:
    """`npm ci && next build && next start`."""
    folder = workspace.example
    workspace.install(folder)
    workspace.ship_package(folder)
    workspace.build_example()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    made = {runtime: _connected(account, url, route) for runtime, route in ROUTES.items()}
    environment = {
        **os.environ,
        "NEXT_TELEMETRY_DISABLED": "1",
        "SITE_URL": url,
        "DATA_FILE": str(data / "narrations.json"),
        "AUTHOR_PASSWORD": PASSWORD,
        "SAYHOOK_URL": hub.url,
        "SAYHOOK_API_KEY": account.api_key,
        "SAYHOOK_HOOK_URL": made["Node.js"][0],
        "SAYHOOK_WEBHOOK_SECRET": made["Node.js"][1],
        "SAYHOOK_EDGE_HOOK_URL": made["Edge"][0],
        "SAYHOOK_EDGE_WEBHOOK_SECRET": made["Edge"][1],
    }
    log = data / "next.log"
    with log.open("wb") as output:
        command = ["node", "node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_ready(url, server, log)
        yield Blog(url, {runtime: secret for runtime, (_, secret) in made.items()}, folder / ".next")
    finally:
        server.terminate()
        server.wait(30)


def _connected(account: ApiAccount, url: str, route: str) -> tuple[str, str]:
    """A connection's hook and secret."""
    form = {"connector": "nextjs", "address": url, "options": {"route": f"{route}/webhook"}}
    answer = account.post("/v1/connections", json=form)
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    return shown["hook_url"], shown["hook_secret"]


def _wait_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert server.poll() is None, log.read_text("utf-8", "replace")
        assert time.monotonic() < deadline, log.read_text("utf-8", "replace")
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
