"""A real SMTP server on loopback, on a thread of its own, that misbehaves where it is told to."""

from __future__ import annotations

import asyncio
import ssl
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, syntax

At = Literal["connect", "mail", "rcpt", "data", "content", "rset", "noop"]


@dataclass
class Faults:
    """What goes wrong.

    Attributes:
        replies: by step: a reply instead of the good one; at `content` the one after the whole mail.
        recipients: by address: the reply to its RCPT.
        hang, drop: the step at which the server falls silent, or closes the connection, instead of answering;
            at `content` it has the whole mail by then.
    """

    replies: Mapping[At, str] = field(default_factory=dict)
    recipients: Mapping[str, str] = field(default_factory=dict)
    hang: At | None = None
    drop: At | None = None


@dataclass(frozen=True)
class Received:
    """A mail whose content the server has read, whether or not it said so."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


class MailServer:
    """Counts what it is given; see `serving`."""

    def __init__(self, faults: Faults, **options: Any) -> None:
        self.faults = faults
        self.options = options
        self.connections = 0
        self.commands: list[str] = []
        self.received: list[Received] = []
        self.has_content = threading.Event()
        self.port = 0
        self.over = asyncio.Event()
        self.open: set[_Protocol] = set()

    def drop_all(self) -> None:
        """Close every connection from this side, as a server does with idle ones."""
        gone = threading.Event()

        def close() -> None:
            for protocol in list(self.open):
                if protocol.transport is not None:
                    protocol.transport.close()
            self.loop.call_soon(gone.set)

        self.loop.call_soon_threadsafe(close)
        assert gone.wait(10)

    async def run(self, ready: threading.Event, tls: ssl.SSLContext | None) -> None:
        self.loop = asyncio.get_running_loop()
        self.over = asyncio.Event()
        server = await self.loop.create_server(lambda: _Protocol(self, **self.options), "127.0.0.1", self.port, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self.over.wait()
        server.close()
        for protocol in list(self.open):
            if protocol.transport is not None:
                protocol.transport.abort()
        await server.wait_closed()
        pending = asyncio.all_tasks() - {asyncio.current_task()}
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


class _Protocol(SMTP):
    def __init__(self, server: MailServer, **options: Any) -> None:
        self.server = server
        super().__init__(self, enable_SMTPUTF8=options.pop("utf8", True), hostname="mail.test", **options)

    def connection_made(self, transport: Any) -> None:
        if self not in self.server.open:
            self.server.connections += 1
        self.server.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.server.open.discard(self)
        super().connection_lost(error)

    async def misbehave(self, step: At) -> bool:
        self.server.commands.append(step)
        faults = self.server.faults
        if faults.hang == step:
            await self.server.over.wait()
            return True
        if faults.drop == step:
            self.transport.close()
            return True
        if reply := faults.replies.get(step):
            await self.push(reply)
            return True
        return False

    async def push(self, status: Any) -> None:
        text = status if isinstance(status, str) else status.decode()
        if text.startswith("220 mail.test") and await self.misbehave("connect"):
            return
        await super().push(status)

    @syntax("MAIL")
    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self.misbehave("mail"):
            await super().smtp_MAIL(arg)

    @syntax("RCPT")
    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self.misbehave("rcpt"):
            await super().smtp_RCPT(arg)

    @syntax("RSET")
    async def smtp_RSET(self, arg: str | None) -> None:
        if not await self.misbehave("rset"):
            await super().smtp_RSET(arg)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:
        if not await self.misbehave("data"):
            await super().smtp_DATA(arg)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self.server.faults.recipients.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.server.received.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content))
        faults = self.server.faults
        self.server.commands.append("content")
        self.server.has_content.set()
        if faults.hang == "content":
            await self.server.over.wait()
        if faults.drop == "content":
            self.transport.abort()
        return faults.replies.get("content", "250 OK")


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"press", "sécret".encode())
    # unhandled, so that the server itself says 535
    return AuthResult(success=good, handled=good)


@contextmanager
def serving(
    faults: Faults | None = None,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    auth: bool = False,
    utf8: bool = True,
    size_limit: int = 60_000_000,
) -> Iterator[MailServer]:
    """A server for the block.

    Args:
        faults: what goes wrong; nothing by default.
        starttls, tls: certificate to offer STARTTLS, or to speak TLS from the start, with.
        auth: demand user `press` with password `sécret`.
        utf8: offer SMTPUTF8.
        size_limit: bytes of a mail.
    """
    # aiosmtpd warns of AUTH without TLS; pytest puts the filters back after the test
    warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS", UserWarning)
    options: dict[str, Any] = {"utf8": utf8, "data_size_limit": size_limit, "tls_context": starttls}
    if auth:
        options |= {"auth_required": True, "auth_require_tls": False, "authenticator": _login}
    server = MailServer(faults or Faults(), **options)
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(server.run(ready, tls)), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        server.loop.call_soon_threadsafe(server.over.set)
        thread.join(10)
