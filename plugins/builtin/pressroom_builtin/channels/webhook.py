"""The `webhook` channel: a report as a signed JSON request to a server, with its documents or links to them.

Signed as Standard Webhooks has it (https://www.standardwebhooks.com): `webhook-signature` is
`v1,` and the base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`, so any of its libraries checks it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal
from urllib.parse import urlsplit

import pydantic

from pressroom import (
    Cancelled,
    Channel,
    Context,
    DeliveryError,
    Handover,
    Message,
    Outcome,
    PluginConfig,
    PluginOptions,
    Receipt,
    Recipient,
    TimedOut,
)
from pressroom.templating import one_line

if TYPE_CHECKING:
    import ssl

    import httpx

    from pressroom_builtin.channels.webhook_body import Body

AGAIN = (408, 425, 429)
"""Answers below 500 that may be another one later."""
SHOWN = 200
"""Characters of an answer that the ledger keeps."""


class WebhookConfig(PluginConfig):
    """A server that is told of reports."""

    url: pydantic.SecretStr = pydantic.Field(
        description='Where to send, `https://...`; better as `{env = "X"}` where it holds a token.'
    )
    secret: pydantic.SecretStr = pydantic.Field(
        pydantic.SecretStr(""),
        description="What requests are signed with: text, or base64 behind `whsec_`. Empty: they are not signed.",
    )
    documents: Literal["links", "inline", "multipart"] = pydantic.Field(
        "links",
        description="How documents go along: `links` to this server, as base64 `inline` in the JSON, or "
        "`multipart/form-data` with the JSON as the field `message` and a file for each document.",
    )
    max_bytes: pydantic.ByteSize = pydantic.Field(
        pydantic.ByteSize(25_000_000),
        ge=0,
        description="What the documents of one request may take; those that do not fit are links only.",
    )
    headers: dict[str, pydantic.SecretStr] = pydantic.Field(
        {}, description='More headers, such as `{Authorization = {env = "X"}}`.'
    )
    timeout: float = pydantic.Field(30, gt=0, le=600, description="Seconds for connecting and for the answer.")
    ca_file: str = pydantic.Field(
        "", description="PEM file of the authorities to trust instead of the usual ones, such as a company's own."
    )

    @pydantic.field_validator("url")
    @classmethod
    def _reachable(cls, url: pydantic.SecretStr) -> pydantic.SecretStr:
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            raise ValueError("must be an address such as https://hooks.example.org/reports")
        return url

    @pydantic.field_validator("secret")
    @classmethod
    def _key(cls, secret: pydantic.SecretStr) -> pydantic.SecretStr:
        from pressroom_builtin.channels.webhook_body import signing_key

        signing_key(secret.get_secret_value())
        return secret

    @pydantic.field_validator("headers")
    @classmethod
    def _sendable(cls, headers: dict[str, pydantic.SecretStr]) -> dict[str, pydantic.SecretStr]:
        for name, value in headers.items():
            if not name.replace("-", "").isalnum() or not name.isascii():
                raise ValueError(f"{name!r} is not the name of a header")
            if not (text := value.get_secret_value()).isascii() or not text.isprintable():
                raise ValueError(f"{name} must be one line of ASCII")
            if name.casefold().startswith("webhook-") or name.casefold() in {"content-type", "content-length", "host"}:
                raise ValueError(f"{name} is set by the channel itself")
        return headers


class WebhookChannel(Channel[WebhookConfig, PluginOptions]):
    """One request for each message; every try of the same message has the same `webhook-id` and the same body."""

    name: ClassVar[str] = "webhook"
    summary: ClassVar[str] = "A signed JSON request to a server, with the documents or links to them"
    Config: ClassVar[type[PluginConfig]] = WebhookConfig
    requires: ClassVar[tuple[str, ...]] = ("httpx",)
    idempotent: ClassVar[bool] = True
    addressed: ClassVar[bool] = False

    def deliver(
        self,
        message: Message,
        recipients: Sequence[Recipient],
        options: PluginOptions,
        handover: Handover,
        context: Context,
    ) -> Sequence[Receipt]:
        """Send the request; see `Channel.deliver`.

        Raises:
            DeliveryError: a document is gone, or `ca_file` cannot be read.
        """
        from pressroom_builtin.channels.webhook_body import write_body

        body = write_body(message, self.config.documents, int(self.config.max_bytes))
        trusted = self._trusted()
        context.check()
        handover()
        outcome, code, answer = self._send(body, trusted, context)
        return [
            Receipt(recipient=recipient, outcome=outcome, code=code, answer=answer, reference=body.id)
            for recipient in recipients
        ]

    def check(self) -> str:
        """Connect to the server, and send nothing: a request would be taken for a report."""
        import asyncio

        parts = urlsplit(self.config.url.get_secret_value())
        port = parts.port or (443 if parts.scheme == "https" else 80)
        trusted = self._trusted() if parts.scheme == "https" else None

        async def connect() -> None:
            _, writer = await asyncio.open_connection(parts.hostname, port, ssl=trusted)
            writer.close()
            await writer.wait_closed()

        try:
            Context(self.setup.scratch, timeout=self.config.timeout).run_async(connect())
        except (OSError, TimedOut) as error:
            raise DeliveryError(
                f"channel {self.setup.instance}: {parts.hostname}:{port} cannot be reached: {error}", transient=True
            ) from None
        return f"{parts.hostname}:{port} can be reached" + ("" if self._signs else "; requests are not signed")

    @property
    def _signs(self) -> bool:
        return bool(self.config.secret.get_secret_value())

    def _trusted(self) -> ssl.SSLContext:
        import ssl

        import certifi

        path = self.setup.path(self.config.ca_file) if self.config.ca_file else certifi.where()
        try:
            return ssl.create_default_context(cafile=path)
        except OSError as error:
            raise DeliveryError(
                f"channel {self.setup.instance}: ca_file {path} cannot be read: {error.strerror or error}"
            ) from error

    def _send(self, body: Body, trusted: ssl.SSLContext, context: Context) -> tuple[Outcome, int, str]:
        """The request, and what its answer, or the lack of one, means."""
        import httpx

        async def post() -> httpx.Response:
            async with httpx.AsyncClient(verify=trusted, timeout=self.config.timeout) as client:
                return await _bounded(client, self.config.url.get_secret_value(), body.content, headers)

        headers = {name: value.get_secret_value() for name, value in self.config.headers.items()}
        headers |= body.headers(self.config.secret.get_secret_value(), int(time.time()))
        try:
            response = context.within(timeout=2 * self.config.timeout).run_async(post())
        except Cancelled:
            return Outcome.ambiguous, 0, "stopped while the request was on its way"
        except TimedOut:
            return Outcome.deferred, 0, f"no answer within {2 * self.config.timeout:g} seconds"
        except httpx.HTTPError as error:
            return Outcome.deferred, 0, one_line(f"{type(error).__name__}: {error}".rstrip(": "), SHOWN)
        return _meaning(response.status_code), response.status_code, _said(response)


async def _bounded(client: httpx.AsyncClient, url: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
    """The answer with the beginning of its text only: a server may send without end."""
    import httpx

    async with client.stream("POST", url, content=content, headers=headers) as response:
        seen = b""
        async for chunk in response.aiter_raw(4096):
            seen += chunk
            if len(seen) >= 4 * SHOWN:
                break
    kept = {name: value for name, value in response.headers.items() if name.casefold() == "location"}
    return httpx.Response(response.status_code, headers=kept, content=seen[: 4 * SHOWN])


def _meaning(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.sent
    return Outcome.deferred if status >= 500 or status in AGAIN else Outcome.refused


def _said(response: httpx.Response) -> str:
    """An answer in a line."""
    said = f"{response.status_code} {response.reason_phrase}".strip()
    if response.is_success:
        return said
    if target := response.headers.get("location"):
        return one_line(f"{said}: redirects are not followed; write {target} as `url`", SHOWN)
    text = response.content.decode("utf-8", "replace")
    return one_line(f"{said}: {text}" if text.strip() else said, SHOWN)
