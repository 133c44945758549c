from __future__ import annotations

import pytest

from webhooks.addresses import vet
from webhooks.errors import DestinationRefused

NEVER = [
    *("0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.1.1", "192.0.0.9", "192.0.0.192", "192.0.2.1"),
    *("192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1"),
    *("239.255.255.250", "240.0.0.1", "255.255.255.255", "100.100.100.200", "168.63.129.16"),
    *(
        "::",
        "::127.0.0.1",
        "::10.0.0.1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
    ),
    *("3fff::1", "5f00::1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "fe80::1", "fe80::1%eth0"),
    *("fec0::1", "ff02::1", "ff0e::1", "fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.169.254"),
    *("::ffff:0.0.0.0", "2001:4860:4860::8888%1", "4000::1"),
]
PRIVATE = [
    *("10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254"),
    *("172.16.0.1", "172.31.255.255", "192.168.0.1", "::1", "fc00::1", "fdff::1", "::ffff:127.0.0.1"),
    *("::ffff:10.0.0.1", "::ffff:c0a8:1"),
]
OPEN = ["1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2606:4700::1111"]


@pytest.mark.parametrize("address", [*NEVER, *PRIVATE])
def test_refused_for_the_public(address: str) -> None:
    with pytest.raises(DestinationRefused) as caught:
        vet(address)
    assert address not in str(caught.value)


@pytest.mark.parametrize("address", NEVER)
def test_refused_even_in_development(address: str) -> None:
    with pytest.raises(DestinationRefused):
        vet(address, allow_private=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_opened_by_the_development_switch(address: str) -> None:
    assert vet(address, allow_private=True)


@pytest.mark.parametrize("address", OPEN)
@pytest.mark.parametrize("allow_private", [False, True])
def test_the_rest_of_the_internet_is_open(address: str, allow_private: bool) -> None:
    assert vet(address, allow_private=allow_private) == address


def test_a_mapped_address_is_judged_and_reached_as_the_one_inside() -> None:
    assert vet("::ffff:1.1.1.1") == "1.1.1.1"
    assert vet("::ffff:127.0.0.1", allow_private=True) == "127.0.0.1"


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "1.2.3.4/8"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(DestinationRefused):
        vet(text, allow_private=True)
