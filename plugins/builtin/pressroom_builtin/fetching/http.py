"""`http`: pictures from web servers, none of which is inside the network unless that is allowed."""

from __future__ import annotations

from typing import Annotated, ClassVar

import pydantic

from pressroom import Context, Fetcher, FetchError, Picture, PluginConfig, Setup
from pressroom_builtin.fetching.client import GuardedClient, system_resolve
from pressroom_builtin.fetching.gate import Gate
from pressroom_builtin.pictures import MAX_BYTES, prove

REDIRECTS = 3


class HttpFetcherConfig(PluginConfig):
    """`[fetch]` with `type = "http"`."""

    allowed_hosts: tuple[str, ...] = pydantic.Field(
        (),
        description="What may be reached although it is not public: names (`logos.example.org`, `*.example.org`), "
        "addresses, networks (`10.1.0.0/16`). Public addresses need no entry.",
    )
    seconds: Annotated[float, pydantic.Field(gt=0, le=120, description="For one picture, all in all.")] = 10.0
    ca_file: str = pydantic.Field("", description="Certificates that servers' own are checked against.")

    @pydantic.field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        Gate(hosts, system_resolve)
        return hosts


class HttpFetcher(Fetcher[HttpFetcherConfig]):
    """Fetches PNG, JPEG, GIF and WebP over HTTP and HTTPS."""

    name: ClassVar[str] = "http"
    summary: ClassVar[str] = "Pictures from web servers, private addresses only where they are allowed"
    Config: ClassVar[type[PluginConfig]] = HttpFetcherConfig
    requires: ClassVar[tuple[str, ...]] = ("httpx", "httpcore", "certifi", "PIL")

    def __init__(self, config: HttpFetcherConfig, setup: Setup) -> None:
        super().__init__(config, setup)
        self._client = GuardedClient(
            config.allowed_hosts, ca_file=str(setup.path(config.ca_file)) if config.ca_file else ""
        )

    def picture(self, url: str, context: Context) -> Picture:
        """See `Fetcher.picture`; what the server says of the type is not asked."""
        seconds = self.config.seconds
        asking = self._client.request("GET", url, seconds=seconds, max_bytes=MAX_BYTES, redirects=REDIRECTS)
        reply = context.run_async(asking)
        if reply.status != 200:
            raise FetchError(f"{url} answers with the status {reply.status}", transient=True)
        try:
            return Picture(reply.content, prove(reply.content))
        except ValueError as error:
            raise FetchError(f"{url} {error}") from error

    def check(self) -> str:
        """What may be reached."""
        return (
            f"public addresses, and {', '.join(self.config.allowed_hosts)}"
            if self.config.allowed_hosts
            else "public addresses"
        )
