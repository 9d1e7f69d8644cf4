"""A client for addresses that people name: every connection goes through the gate, every answer is bounded.

Used as

    client = GuardedClient(allowed=config.allowed_hosts)
    reply = context.run_async(client.request("POST", url, seconds=20, max_bytes=100_000, content=body))
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pressroom import FetchError
from pressroom_builtin.fetching.gate import Gate, Resolve

if TYPE_CHECKING:
    import httpx

MAX_URL = 2000
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Reply:
    """What a server answered.

    Attributes:
        url: that answered, after redirects.
        headers: by lower-case name.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """The system's own answer for a name, or for one of the many ways to write an address."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[4][0]) for place in found]


class GuardedClient:
    """Asks HTTP servers on behalf of people who may not reach everything that this machine can.

    A name is resolved once a connection, all its addresses are checked, and the connection goes to one of these, so
    a name that changes its address in between gains nothing. The environment's proxies are not used, and
    every redirect is checked like the first address.

    Args:
        allowed: names, addresses and networks that may be reached although they are not public; see `Gate`.
        ca_file: certificates that servers' own are checked against; the usual ones where empty.
        resolve: asks for a name's addresses; for tests.

    Raises:
        ValueError: an entry of `allowed` is wrong.
    """

    def __init__(self, allowed: Iterable[str] = (), *, ca_file: str = "", resolve: Resolve = system_resolve) -> None:
        self._gate = Gate(allowed, resolve)
        self._ca_file = ca_file

    async def request(
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        redirects: int = 0,
    ) -> Reply:
        """Ask, and read the answer whole.

        Args:
            seconds: for everything together, from the name to the last byte.
            max_bytes: of the answer's body.
            redirects: how many are followed; the answer is the redirect itself where there are more.

        Raises:
            FetchError: `transient` where the server cannot be reached or does not answer in time; not so where the
                address is none that may be asked, or the answer is too large.
        """
        import httpx

        try:
            async with asyncio.timeout(seconds), self._client(seconds) as client:
                for left in range(redirects, -1, -1):
                    request = client.build_request(method, checked_url(url), headers=headers, content=content)
                    reply = await _exchange(client, request, max_bytes)
                    if not left or reply.status not in _MOVED or "location" not in reply.headers:
                        break
                    url = str(httpx.URL(reply.url).join(reply.headers["location"]))
                return reply
        except TimeoutError as error:
            raise FetchError(f"{url} did not answer whole within {seconds:g} seconds", transient=True) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchError(f"{url[:MAX_URL]!r} is no address: {error}") from error
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise FetchError(f"{url} cannot be reached: {reason}", transient=True) from error

    def _client(self, seconds: float) -> httpx.AsyncClient:
        import httpx

        from pressroom_builtin.fetching.transport import GuardedTransport

        return httpx.AsyncClient(
            transport=GuardedTransport(self._gate, self._tls),
            # no compression: a few bytes of it can be made into any number
            headers={"user-agent": "Pressroom", "accept": "*/*", "accept-encoding": "identity"},
            trust_env=False,
            follow_redirects=False,
            timeout=seconds,
        )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        import certifi

        return ssl.create_default_context(cafile=self._ca_file or certifi.where())


def checked_url(url: str) -> str:
    """An address that may be asked for, as far as its text can tell.

    Raises:
        FetchError: it is not http or https, names no host, or holds a password.
    """
    import httpx

    shown = repr(url[:200])
    if len(url) > MAX_URL:
        raise FetchError(f"{shown} ... is longer than {MAX_URL} characters")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise FetchError(f"{shown} holds spaces or control characters")
    try:
        parts = httpx.URL(url)
        host = parts.host
    except (httpx.InvalidURL, UnicodeError) as error:
        raise FetchError(f"{shown} is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(f"{shown} must begin with http:// or https:// and name a server")
    if parts.port is not None and not 0 < parts.port < 65536:
        raise FetchError(f"{shown} has no port that there can be")
    if parts.userinfo:
        raise FetchError(f"{parts.copy_with(userinfo=b'')} must not hold a user name or password")
    return url


async def _exchange(client: httpx.AsyncClient, request: httpx.Request, max_bytes: int) -> Reply:
    url = str(request.url)
    response = await client.send(request, stream=True)
    try:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise FetchError(f"{url} answers with a compressed body, which was not asked for")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > max_bytes:
                raise FetchError(f"{url} answers with more than {max_bytes} bytes")
        return Reply(url, response.status_code, dict(response.headers), bytes(body))
    finally:
        await response.aclose()
