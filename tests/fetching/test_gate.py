"""Which addresses may be reached for a user."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from pressroom import FetchError
from pressroom_builtin.fetching.client import system_resolve
from pressroom_builtin.fetching.gate import Gate, special

INSIDE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.0.9",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.7",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "193.0.0.1", "2001:4860:4860::8888", "2a00:1450::1"]
WRITTEN = ["localhost", "127.1", "0x7f000001", "2130706433", "017700000001", "0", "LOCALHOST", "localhost."]


def asked(allowed: Sequence[str], host: str, *found: str) -> list[str]:
    async def resolve(name: str, port: int) -> Sequence[str]:
        return found

    return asyncio.run(Gate(allowed, resolve).addresses(host, 80))


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_public_is_refused_and_named(address: str) -> None:
    with pytest.raises(FetchError, match="allowed_hosts") as caught:
        asked([], "logos.example.org", address)
    assert not caught.value.transient
    assert address in caught.value.message


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_public_is_reached(address: str) -> None:
    assert asked([], "logos.example.org", address) == [address]


@given(st.ip_addresses())
def test_nothing_is_public_that_python_knows_to_be_private(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast:
        assert special(address)


def test_one_address_inside_among_public_ones_is_enough() -> None:
    with pytest.raises(FetchError, match=r"10\.0\.0\.1"):
        asked([], "logos.example.org", "8.8.8.8", "10.0.0.1")


@pytest.mark.parametrize("written", WRITTEN)
def test_every_way_to_write_this_machine_is_refused(written: str) -> None:
    with pytest.raises(FetchError):
        asyncio.run(Gate([], system_resolve).addresses(written, 80))


@pytest.mark.parametrize(
    ("allowed", "host", "address"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("10.1.0.0/16", "logos.lan", "10.1.2.3"),
        ("fd00::/8", "logos.lan", "fd12::1"),
        ("logos.lan", "Logos.LAN.", "10.1.2.3"),
        ("*.lan", "logos.lan", "10.1.2.3"),
        ("64:ff9b::/96", "logos.lan", "64:ff9b::808:808"),
    ],
)
def test_what_is_allowed_is_reached(allowed: str, host: str, address: str) -> None:
    assert asked([allowed], host, address) == [address]


@pytest.mark.parametrize(
    ("allowed", "host", "address"),
    [
        ("127.0.0.1", "logos.lan", "127.0.0.2"),
        ("127.0.0.0/8", "logos.lan", "::ffff:127.0.0.1"),
        ("10.1.0.0/16", "logos.lan", "10.2.0.1"),
        ("logos.lan", "logos.lan.evil.example", "10.1.2.3"),
        ("*.lan", "lan", "10.1.2.3"),
    ],
)
def test_nothing_else_is_allowed_with_it(allowed: str, host: str, address: str) -> None:
    with pytest.raises(FetchError):
        asked([allowed], host, address)


def test_a_name_without_an_address_may_have_one_later() -> None:
    with pytest.raises(FetchError) as caught:
        asked([], "nothing.example.org")
    assert caught.value.transient
    with pytest.raises(FetchError) as caught:
        asyncio.run(Gate([], system_resolve).addresses("nothing.invalid", 80))
    assert caught.value.transient


def test_a_resolver_that_answers_nonsense_opens_nothing() -> None:
    with pytest.raises(FetchError):
        asked([], "logos.example.org", "not an address")


def test_a_network_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match=r"10\.1\.0\.0/16"):
        Gate(["10.0.0.1/8"], system_resolve)
