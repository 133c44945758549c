"""Which network addresses may be called. Pure: an address in, a verdict out.

`ipaddress.is_global` alone is not enough: it lets through multicast, 6to4, NAT64, IPv4-compatible IPv6 and
other ranges that lead back into a private network, hence the list (IANA special-purpose registries).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from webhooks.errors import DestinationRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part) for part in text.split())


METADATA = _networks(
    "169.254.169.254/32 100.100.100.200/32 192.0.0.192/32 168.63.129.16/32 fd00:ec2::254/128 fd20:ce::254/128"
)
"""Where clouds hand their machines credentials: refused even in development."""

PRIVATE = _networks("10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 ::1/128 fc00::/7")
"""Loopback, home, office and container networks: what the development switch opens."""

DENIED = _networks(
    "0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 "
    "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 "
    "2001::/23 2001:db8::/32 2002::/16 3fff::/20"
)


_ALLOCATED_V6 = IPv6Network("2000::/3")
"""The only part of IPv6 given out for the public internet so far (RFC 4291, section 2.4)."""


def vet(text: str, *, allow_private: bool = False) -> str:
    """The address to connect to, in canonical form. Raises DestinationRefused.

    An IPv4 address mapped into IPv6 is judged, and returned, as the IPv4 address that would be reached.
    """
    if "%" in text:
        raise DestinationRefused("The destination address must not name a network interface.")
    try:
        address = _unmapped(ip_address(text))
    except ValueError as error:
        raise DestinationRefused("The destination is not an address.") from error
    if not _allowed(address, allow_private):
        # The sentence does not repeat the address: it would tell an outsider what our resolver sees.
        raise DestinationRefused("The destination address is not allowed: it is private or reserved.")
    return str(address)


def _unmapped(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _allowed(address: Address, allow_private: bool) -> bool:
    if _within(address, METADATA):
        return False
    if _within(address, PRIVATE):
        return allow_private
    if isinstance(address, IPv6Address) and address not in _ALLOCATED_V6:
        return False
    return address.is_global and not address.is_multicast and not _within(address, DENIED)


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
