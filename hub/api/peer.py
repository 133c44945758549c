"""Who a request comes from, as far as an address tells."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import Request

_ONE_CUSTOMER = 64
"""Bits of an IPv6 address that a provider gives to one customer; the other 64 are theirs to vary freely."""


def peer_of(request: Request) -> str:
    """What rate windows count by: an IPv4 address, or the network of an IPv6 one."""
    return counted(request.client.host) if request.client else "unknown"


def counted(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), _ONE_CUSTOMER), strict=False))
