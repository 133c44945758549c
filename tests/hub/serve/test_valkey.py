"""The embedded Valkey, as a real server."""

from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import AuthenticationError, Redis

from hub.queue import RedisQueue
from hub.queue.location import redis_url
from hub.serve.backoff import Backoff
from hub.serve.supervisor import Supervisor
from hub.serve.valkey import EmbeddedValkey
from hub.settings import Settings
from tests.hub.serve.processes import wait_until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "a data folder" / "valkey"


@pytest.fixture
def valkey(folder: Path) -> EmbeddedValkey:
    valkey = EmbeddedValkey(folder)
    valkey.prepare()
    return valkey


@pytest.fixture
def supervisor(valkey: EmbeddedValkey) -> Iterator[Supervisor]:
    supervisor = running(valkey)
    yield supervisor
    supervisor.stop()


def running(valkey: EmbeddedValkey) -> Supervisor:
    supervisor = Supervisor([valkey.program()], report=lambda sentence: None, backoff=Backoff(first=0.05))
    supervisor.has_been_ready = True
    tick_until_it_answers(supervisor, valkey)
    return supervisor


def tick_until_it_answers(supervisor: Supervisor, valkey: EmbeddedValkey) -> None:
    def answers() -> bool:
        supervisor.tick()
        return valkey.answers()

    wait_until(answers)


def test_it_wants_its_password_and_keeps_to_the_loopback_address(
    supervisor: Supervisor, valkey: EmbeddedValkey
) -> None:
    with Redis.from_url(valkey.url) as known:
        assert known.config_get("bind") == {"bind": "127.0.0.1"}
        assert known.config_get("appendonly") == {"appendonly": "yes"}
        assert known.config_get("appendfsync") == {"appendfsync": "everysec"}
        assert known.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    with Redis(port=valkey.port) as stranger, pytest.raises(AuthenticationError):
        stranger.get("anything")


def test_its_address_is_written_where_the_hub_looks_and_only_the_owner_reads_it(
    valkey: EmbeddedValkey, folder: Path
) -> None:
    assert redis_url(Settings(data=folder.parent)) == valkey.url
    for name in ("url", "valkey.conf"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_password_is_not_on_the_command_line(supervisor: Supervisor, valkey: EmbeddedValkey) -> None:
    command = Path(f"/proc/{supervisor.processes()['queue']}/cmdline").read_text()
    assert valkey.url.split(":")[2].split("@")[0] not in command


def test_what_it_was_told_survives_a_kill(supervisor: Supervisor, valkey: EmbeddedValkey) -> None:
    with Redis.from_url(valkey.url) as client:
        client.set("waiting", "job 1")
        pid = supervisor.processes()["queue"]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not valkey.answers())
        tick_until_it_answers(supervisor, valkey)

        assert supervisor.processes()["queue"] != pid
        assert client.get("waiting") == b"job 1"


async def test_audio_on_its_way_to_a_listener_is_not_written_to_the_disk(
    supervisor: Supervisor, valkey: EmbeddedValkey, folder: Path
) -> None:
    queue = RedisQueue(lambda: valkey.url)
    try:
        await queue.overhear("job", "0")
        assert await queue.broadcast("job", [(0, b"spoken words"), (6, b" and more")])
        heard = await queue.overhear("job", "0")
        assert [(stretch.at, stretch.pcm) for stretch in heard] == [(0, b"spoken words"), (6, b" and more")]
        await queue.enqueue_speech("afterwards", "account", 10)
    finally:
        await queue.close()
    supervisor.stop()
    written = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert b"afterwards" in written
    assert b"spoken words" not in written


def test_what_it_was_told_survives_an_orderly_restart(supervisor: Supervisor, folder: Path) -> None:
    with Redis.from_url((folder / "url").read_text()) as client:
        client.set("waiting", "job 1")
    supervisor.stop()

    again = EmbeddedValkey(folder)
    again.prepare()
    second = running(again)
    try:
        with Redis.from_url(again.url) as client:
            assert client.get("waiting") == b"job 1"
    finally:
        second.stop()


def test_a_file_it_cannot_read_is_set_aside(valkey: EmbeddedValkey, folder: Path) -> None:
    kept = folder / "appendonlydir"
    kept.mkdir()
    (kept / "appendonly.aof.manifest").write_text("this is no manifest\n")
    (folder / "damaged-1700000000").mkdir()

    supervisor = running(valkey)
    try:
        (damaged,) = folder.glob("damaged-*")
        assert (damaged / "appendonly.aof.manifest").exists()
        with Redis.from_url(valkey.url) as client:
            assert client.set("fresh", "yes")
    finally:
        supervisor.stop()


def test_crashes_for_another_reason_leave_its_file_alone(
    supervisor: Supervisor, valkey: EmbeddedValkey, folder: Path
) -> None:
    with Redis.from_url(valkey.url) as client:
        client.set("waiting", "job 1")
        for _ in range(3):
            os.kill(supervisor.processes()["queue"], signal.SIGKILL)
            wait_until(lambda: not valkey.answers())
            tick_until_it_answers(supervisor, valkey)
        assert client.get("waiting") == b"job 1"
    assert not list(folder.glob("damaged-*"))


def test_a_port_that_was_taken_meanwhile_is_changed(valkey: EmbeddedValkey, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", valkey.port)):
        taken = valkey.port
        supervisor = running(valkey)
        try:
            assert valkey.port != taken
            assert (folder / "url").read_text() == valkey.url
            with Redis.from_url(valkey.url) as client:
                assert client.ping()
        finally:
            supervisor.stop()
