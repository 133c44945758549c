"""What may be written as a destination: scheme, host, port and literal address. No name is looked up here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Final

import httpx

from webhooks.addresses import vet
from webhooks.errors import DestinationRefused

MAX_LENGTH: Final = 2048
_NUMERIC_LABEL = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".localdomain")


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be called. `ports=None` means any."""

    allow_http: bool = False
    allow_private: bool = False
    ports: frozenset[int] | None = frozenset({80, 443, 8080, 8443})


PUBLIC: Final = Policy()
DEVELOPMENT: Final = Policy(allow_http=True, allow_private=True, ports=None)
"""For tests and a developer's own machine. Cloud metadata, link-local and multicast stay refused."""


def policy_for(*, allow_private: bool) -> Policy:
    """The policy behind the one switch an owner has."""
    return DEVELOPMENT if allow_private else PUBLIC


def parse_destination(url: str, policy: Policy = PUBLIC) -> httpx.URL:
    """The parsed URL, when `policy` allows what is written there. Raises DestinationRefused in plain words.

    The parser is the one the request is later made with, so that both see the same host.
    """
    if len(url) > MAX_LENGTH:
        raise DestinationRefused(f"The URL is longer than {MAX_LENGTH} characters.")
    if "\\" in url or any(ord(letter) <= 0x20 or ord(letter) == 0x7F for letter in url):
        raise DestinationRefused("The URL holds a space, a backslash or a control character.")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise DestinationRefused("The URL could not be read.") from error
    _check_scheme(parsed, policy)
    if parsed.userinfo:
        raise DestinationRefused("The URL must not hold a user name or password.")
    _check_port(parsed, policy)
    _check_host(parsed.raw_host.decode("ascii", "replace"), policy)
    return parsed


def _check_scheme(url: httpx.URL, policy: Policy) -> None:
    if url.scheme == "https" or (url.scheme == "http" and policy.allow_http):
        return
    if url.scheme == "http":
        raise DestinationRefused("The URL must begin with https:// (plain http is not allowed).")
    raise DestinationRefused("The URL must begin with https://")


def _check_port(url: httpx.URL, policy: Policy) -> None:
    default = 443 if url.scheme == "https" else 80
    port = default if url.port is None else url.port
    if not 0 < port < 65536:
        raise DestinationRefused(f"Port {port} does not exist.")
    if policy.ports is not None and port not in policy.ports:
        allowed = ", ".join(str(number) for number in sorted(policy.ports))
        raise DestinationRefused(f"Port {port} is not allowed; use one of {allowed}.")


def _check_host(host: str, policy: Policy) -> None:
    if not host:
        raise DestinationRefused("The URL has no host name.")
    if ":" in host:
        vet(host, allow_private=policy.allow_private)
        return
    name = host.lower().removesuffix(".")
    if len(name) > 253 or not _HOST.fullmatch(name):
        raise DestinationRefused("The URL's host name is not a valid name.")
    if _NUMERIC_LABEL.fullmatch(name.rpartition(".")[2]):
        _check_dotted_quad(name, policy)
    elif not policy.allow_private and _is_local(name):
        raise DestinationRefused("The destination is a name of a private network; use a public one.")


def _check_dotted_quad(name: str, policy: Policy) -> None:
    # Resolvers read 2130706433, 0x7f.1 and 127.1 as addresses; only the four-part decimal form says what it
    # is.
    try:
        IPv4Address(name)
    except AddressValueError as error:
        raise DestinationRefused("Write an IPv4 address as four decimal numbers.") from error
    vet(name, allow_private=policy.allow_private)


def _is_local(name: str) -> bool:
    return "." not in name or name.endswith(_LOCAL_SUFFIXES)
