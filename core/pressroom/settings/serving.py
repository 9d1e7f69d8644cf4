"""Tables about HTTP: the server, and the two APIs that it speaks."""

from __future__ import annotations

from typing import Annotated

import pydantic

from pressroom.settings.base import Age, Section


class ServerSettings(Section):
    """`[server]`: the HTTP server."""

    host: str = pydantic.Field(default="127.0.0.1", description="Address to listen on.")
    port: Annotated[int, pydantic.Field(ge=0, le=65535, description="Port to listen on.")] = 8000
    public_url: str = pydantic.Field(
        default="http://127.0.0.1:8000", description="Where people reach the server; links in mails begin with it."
    )
    public_links: bool = pydantic.Field(
        default=False,
        description="Whether links to dashboards in mails show that dashboard, range and choice of values to whoever "
        "has the link, without signing in.",
    )
    link_age: Age = pydantic.Field(
        default="30d",
        description="How long links in mails that need no signing in are good, such as 12h, 30d, 8w; those to "
        "documents never for longer than [retention] keeps files.",
    )
    workers: Annotated[int, pydantic.Field(ge=1, le=64, description="Processes that answer requests.")] = 1
    trusted_proxies: list[str] = pydantic.Field(
        default=[],
        description="Addresses and networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    max_body_bytes: Annotated[int, pydantic.Field(ge=1024, description="Largest body of a request.")] = 10_000_000
    max_header_bytes: Annotated[int, pydantic.Field(ge=1024, description="Largest head of a request.")] = 32_768
    read_seconds: Annotated[
        float, pydantic.Field(gt=0, description="Seconds that a client may take for its head, and between two parts.")
    ] = 30.0
    write_seconds: Annotated[
        float, pydantic.Field(gt=0, description="Seconds that a client may let an answer wait before it is dropped.")
    ] = 60.0

    @pydantic.field_validator("public_url")
    @classmethod
    def _url(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return url.rstrip("/")

    @pydantic.field_validator("link_age")
    @classmethod
    def _ends(cls, text: str) -> str:
        if text == "forever":
            raise ValueError("links in mails must end; write such as 30d or 8w")
        return text

    @property
    def link_url(self) -> str:
        """What links in mails begin with; empty where nobody said where people reach the server."""
        return self.public_url if "public_url" in self.model_fields_set else ""


class GrafanaSettings(Section):
    """`[grafana]`: the reporting API."""

    channel: str = pydantic.Field(
        default="", description="Channel that its reports are mailed through; else the only one of type email."
    )
    templates: bool = pydantic.Field(default=False, description="Whether subjects given over the API are templates.")


class GrowingioSettings(Section):
    """`[growingio]`: the computed-results API."""

    downloads_per_second: Annotated[
        int,
        pydantic.Field(ge=0, le=1000, description="Downloads of charts and users a second and client; 0 for no limit."),
    ] = 2
    budget_seconds: Annotated[
        float, pydantic.Field(gt=0, description="A query that takes longer is answered with an error, and goes on.")
    ] = 5.0
