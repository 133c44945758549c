"""A hundred megabytes are refused while they come in, and the sender hears why."""

from __future__ import annotations

import re
import select
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.flow.api_account import ApiAccount
from tests.flow.refusals import nothing_left, problem
from tests.flow.running_hub import RunningHub

MEGABYTE = 1024 * 1024
SIZE = 100 * MEGABYTE
DETAIL = "Reference audio must be under 10 MB"


@pytest.fixture(scope="module")
def caller(hub_server: RunningHub) -> ApiAccount:
    return hub_server.new_account(plan="paid")


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("upload") / "large.wav"
    with path.open("wb") as file:
        file.truncate(SIZE)
    return path


@pytest.mark.parametrize("expect", ["Expect: 100-continue", "Expect:"], ids=["asks-first", "sends-at-once"])
def test_curl_stops_early(caller: ApiAccount, large_file: Path, expect: str) -> None:
    command = ["curl", "-sS", "-X", "POST", f"{caller.base_url}/v1/tts/generate"]
    command += ["-H", f"Authorization: Bearer {caller.api_key}", "-H", expect, "--max-time", "30"]
    command += ["-F", "text=Hello.", "-F", f"voice_ref=@{large_file}", "-w", "\n%{http_code} %{size_upload}"]
    with nothing_left(caller):
        done = subprocess.run(command, capture_output=True, text=True, timeout=40)
    assert done.returncode == 0, done.stderr
    body, _, facts = done.stdout.rpartition("\n")
    status, sent = facts.split()
    assert status == "400"
    assert DETAIL in body
    assert int(sent) < SIZE / 2


def test_requests_hears_why(caller: ApiAccount, large_file: Path) -> None:
    with nothing_left(caller), large_file.open("rb") as file:
        started = time.monotonic()
        answer = caller.post("/v1/tts/generate", data={"text": "Hello."}, files={"voice_ref": file})
        took = time.monotonic() - started
    problem(answer, 400, DETAIL)
    assert took < 10


def test_chunked_upload_without_a_length_stops_early(caller: ApiAccount) -> None:
    with nothing_left(caller):
        answer, sent = _chunked_upload(caller)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400"), answer
    assert DETAIL.encode() in body
    assert sent < SIZE / 2


def _chunked_upload(caller: ApiAccount) -> tuple[bytes, int]:
    """Sends chunks until an answer begins, then reads it to its end: the answer, and the bytes sent."""
    address = urlsplit(caller.base_url)
    assert address.hostname is not None
    head = (
        "POST /v1/tts/generate HTTP/1.1\r\n"
        f"Host: {address.netloc}\r\n"
        f"Authorization: Bearer {caller.api_key}\r\n"
        "Content-Type: multipart/form-data; boundary=frontier\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    part = b'--frontier\r\nContent-Disposition: form-data; name="voice_ref"; filename="a.wav"\r\n\r\n'
    with socket.create_connection((address.hostname, address.port or 80), timeout=30) as connection:
        connection.sendall(head.encode() + _chunk(part))
        sent = 0
        while sent < SIZE and not select.select([connection], [], [], 0)[0]:
            try:
                connection.sendall(_chunk(bytes(MEGABYTE // 4)))
            except OSError:
                break
            sent += MEGABYTE // 4
        return _everything(connection), sent


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _everything(connection: socket.socket) -> bytes:
    """The whole answer, as long as it says it is: the server may go on listening after it."""
    head = b""
    while b"\r\n\r\n" not in head and (received := connection.recv(1)):
        head += received
    length = re.search(rb"content-length: (\d+)", head.lower())
    assert length, head
    body = b""
    while len(body) < int(length[1]) and (received := connection.recv(65536)):
        body += received
    return head + body
