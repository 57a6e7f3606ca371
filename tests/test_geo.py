"""Geo: the network of an address, and whether it means anything outside."""

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from tocsin.geo import Geo, prefix_of

INSIDE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "::1/128"]


@given(st.ip_addresses(), st.integers(0, 32))
def test_a_prefix_is_the_network_that_holds_the_address(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int
) -> None:
    assert prefix_of(ip, bits) == str(ipaddress.ip_network(f"{ip}/{bits}", strict=False))


@given(st.sampled_from(INSIDE).flatmap(lambda network: st.ip_addresses(network=network)))
def test_an_inner_address_is_private(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert Geo().place(str(ip)).kind == "private"


def test_what_lies_beside_an_inner_network_is_public() -> None:
    for address in ("11.0.0.0", "172.32.0.1", "192.169.0.1", "100.128.0.1", "fe00::1", "::2"):
        assert Geo().place(address).kind == "public"
    assert Geo().place("fe80::1%eth0").network == "fe80::/48"
    assert Geo().place("::ffff:198.51.100.7").network == "198.51.100.0/24"
