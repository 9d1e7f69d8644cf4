"""The connections of the guarded client: to addresses that the gate let through, and nowhere else."""

from __future__ import annotations

import ssl
from collections.abc import Iterable

import httpcore
import httpx

from pressroom import FetchError
from pressroom_builtin.fetching.gate import Gate

TRIES = 4
"""Addresses of one name that are tried in turn."""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections for httpcore, which goes on to speak TLS and HTTP with the name that it was given."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class has it
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that takes it."""
        failure: Exception = FetchError(f"{host} has no address", transient=True)
        for address in (await self._gate.addresses(host, port))[:TRIES]:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class has it
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refused: a path is no address of the web."""
        raise FetchError(f"{path} is no address of the web")

    async def sleep(self, seconds: float) -> None:
        """Wait between tries."""
        await self._network.sleep(seconds)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx over `GuardedBackend`; without proxies, for one request or a few in a row."""

    def __init__(self, gate: Gate, tls: ssl.SSLContext) -> None:
        # httpx takes no network backend, so its pool of connections is made here instead of by its own __init__
        self._pool = httpcore.AsyncConnectionPool(ssl_context=tls, network_backend=GuardedBackend(gate))
