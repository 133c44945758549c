"""The web socket, opened by the supervisor so that nothing is refused while the web process restarts."""

from __future__ import annotations

import errno
import ipaddress
import socket

from hub.serve.failure import AddressTaken

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket, inheritable only when passed on; port 0 lets the system choose.

    Raises `AddressTaken` with the mend: in use, not allowed, or not an address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressTaken(f"{host} is not an address of this machine; mend SAYHOOK_HOST.") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressTaken(_sentence(host, port, error)) from error
    return listener


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program; stop that, or choose PORT={port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has; choose one above 1023: PORT=8000."
    return f"Cannot listen on {host}:{port} ({error.strerror}); mend SAYHOOK_HOST or PORT."


def reachable_host(host: str) -> str:
    """The host to write into a URL for a program on this machine: a wildcard address means loopback."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"
