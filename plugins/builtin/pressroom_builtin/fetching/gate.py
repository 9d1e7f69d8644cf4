"""Which addresses may be reached for a user: public ones, and those that the configuration allows.

The tables are IANA's registries of special-purpose addresses, as networks of our own: what `ipaddress` takes for
global differs between releases of Python.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Sequence
from fnmatch import fnmatchcase

from pressroom import FetchError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host's name, as text; raises OSError."""

_V4 = {
    "0.0.0.0/8": "an unspecified address",
    "10.0.0.0/8": "a private address",
    "100.64.0.0/10": "an address of a provider's own network",
    "127.0.0.0/8": "an address of this machine",
    "169.254.0.0/16": "a link-local address, where clouds keep credentials",
    "172.16.0.0/12": "a private address",
    "192.0.0.0/24": "a reserved address",
    "192.0.2.0/24": "an address for examples",
    "192.88.99.0/24": "a relay's address",
    "192.168.0.0/16": "a private address",
    "198.18.0.0/15": "an address for measurements",
    "198.51.100.0/24": "an address for examples",
    "203.0.113.0/24": "an address for examples",
    "224.0.0.0/4": "a multicast address",
    "240.0.0.0/4": "a reserved address",
    "168.63.129.16/32": "an address of a cloud's own services",
}
_V6 = {
    "::/128": "an unspecified address",
    "::1/128": "an address of this machine",
    "::ffff:0:0/96": "an IPv4 address in the form of an IPv6 one",
    "64:ff9b::/96": "an IPv4 address behind a translator (NAT64)",
    "64:ff9b:1::/48": "an IPv4 address behind a translator (NAT64)",
    "2001::/23": "a tunnel's address",
    "2001:db8::/32": "an address for examples",
    "2002::/16": "a tunnel's address (6to4)",
    "3fff::/20": "an address for examples",
    "fc00::/7": "a private address",
    "fe80::/10": "a link-local address",
    "ff00::/8": "a multicast address",
}
_SPECIAL = [(ipaddress.ip_network(text), reason) for text, reason in (_V4 | _V6).items()]
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")


def special(address: Address) -> str:
    """What is special about an address, so that it may not be reached; empty where it is public."""
    for network, reason in _SPECIAL:
        if address in network:
            return reason
    return "a reserved address" if address.version == 6 and address not in _GLOBAL_V6 else ""


class Gate:
    """Says where a connection may go.

    Args:
        allowed: names of hosts (`logos.example.org`, `*.example.org`), addresses and networks that may be reached
            although they are not public.
        resolve: asks for a name's addresses.

    Raises:
        ValueError: an entry of `allowed` is none of these.
    """

    def __init__(self, allowed: Iterable[str], resolve: Resolve) -> None:
        self._names: list[str] = []
        self._networks: list[Network] = []
        self._resolve = resolve
        for entry in allowed:
            network = _network(entry)
            if network is not None:
                self._networks.append(network)
            else:
                self._names.append(_name(entry))

    async def addresses(self, host: str, port: int) -> list[str]:
        """Where to connect for a host: all its addresses, each of which may be reached.

        The name is resolved here and nowhere else: what was checked is what is connected to.

        Raises:
            FetchError: one of its addresses may not be reached, or (transient) it has none.
        """
        try:
            found = list(dict.fromkeys(await self._resolve(host, port)))
        except (OSError, UnicodeError) as error:
            raise FetchError(f"the name {host!r} cannot be resolved: {error}", transient=True) from error
        if not found:
            raise FetchError(f"the name {host!r} has no address", transient=True)
        if not any(fnmatchcase(_name(host), name) for name in self._names):
            for text in found:
                self._check(host, text)
        return found

    def _check(self, host: str, text: str) -> None:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            raise FetchError(f"{text!r} is no address that can be checked") from None
        if any(address in network for network in self._networks):
            return
        if reason := special(address):
            named = f"{host} ({text})" if host != text else host
            raise FetchError(
                f"{named} is {reason}; where it is meant to be reached, add it to allowed_hosts of [fetch] in "
                "pressroom.toml"
            )


def _network(entry: str) -> Network | None:
    try:
        return ipaddress.ip_network(entry)
    except ValueError:
        if "/" in entry:
            raise ValueError(f"{entry!r} is no network; write it as 10.1.0.0/16") from None
        return None


def _name(host: str) -> str:
    return host.casefold().rstrip(".")
