"""Opening the web socket."""

from __future__ import annotations

import socket

import pytest

from hub.serve.failure import AddressTaken
from hub.serve.listen import listen, reachable_host


def test_port_zero_takes_a_free_one() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            pass


def test_a_taken_port_is_refused_with_another_to_try() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(AddressTaken, match=rf"Port {port} on 127.0.0.1 is in use .* PORT={port + 1}"):
            listen("127.0.0.1", port)


def test_the_port_is_free_again_at_once() -> None:
    first = listen("127.0.0.1", 0)
    port = first.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
        server, _ = first.accept()
        server.close()
        first.close()
        assert client.recv(1) == b""
    listen("127.0.0.1", port).close()


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_a_foreign_address_is_refused(host: str) -> None:
    with pytest.raises(AddressTaken, match="SAYHOOK_HOST"):
        listen(host, 0)


@pytest.mark.parametrize(
    ("host", "reachable"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("10.0.0.7", "10.0.0.7"), ("box", "box")],
)
def test_a_wildcard_address_is_reached_on_loopback(host: str, reachable: str) -> None:
    assert reachable_host(host) == reachable
