"""A mail server that keeps what it gets: every accepted mail becomes an `.eml` file in a folder.

For tests, the demo and trying things out, on loopback only. Standard library only, so that importing it costs nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
import unicodedata
from email import message_from_bytes, policy
from pathlib import Path

MAX_SIZE = 50_000_000
"""Bytes of a mail."""
MAX_LINE = 1000
"""Bytes of a command; lines of a mail may be longer."""
MAX_RECIPIENTS = 1000
_IDLE_SECONDS = 300
_BUFFER = 1_000_000
_EXTENSIONS = (f"SIZE {MAX_SIZE}", "8BITMIME", "SMTPUTF8", "PIPELINING")
_ENVELOPE = re.compile(rb"(?i)^(?:FROM|TO):\s*<([^<>\x00-\x20\x7f]*)>((?: +[!-~]+)*)\s*$")


class SinkError(Exception):
    """The sink cannot start; says why and what to do."""


class Sink:
    """An SMTP server on its own thread; use it as a context manager.

    Args:
        folder: where mails go, as `001-<subject>.eml`; made where it is missing.
        host: a loopback address; there is no AUTH and no TLS.
        port: 0 for a free one, see `port` afterwards.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self.folder = folder
        self.host = host
        self.port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="mail-sink", daemon=True)
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._stop: asyncio.Event | None = None

    def __enter__(self) -> Sink:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SinkError(f"{self.folder} cannot be made: {error.strerror}") from error
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            raise SinkError(
                f"{self.host}:{self.port} cannot be used for the mail sink ({self._failure.strerror}); "
                f"stop what listens there, or choose another port"
            ) from self._failure
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def files(self) -> list[Path]:
        """The mails so far, oldest first."""
        return sorted(self.folder.glob("*.eml"), key=lambda path: (len(path.name.partition("-")[0]), path.name))

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        sessions: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            session = asyncio.create_task(_Session(self.folder, reader, writer).run())
            sessions.add(session)
            session.add_done_callback(sessions.discard)

        try:
            server = await asyncio.start_server(connected, self.host, self.port, limit=_BUFFER)
            self.port = server.sockets[0].getsockname()[1]
        except OSError as error:
            self._failure = error
            return
        finally:
            self._started.set()
        await self._stop.wait()
        server.close()
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        await server.wait_closed()


class _Session:
    """One client's conversation."""

    def __init__(self, folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._folder = folder
        self._reader = reader
        self._writer = writer
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def run(self) -> None:
        """Answer until the client leaves, falls silent or breaks the rules."""
        try:
            await self._say("220 pressroom mail sink")
            while (line := await self._line()) is not None:
                verb, _, rest = line.partition(b" ")
                if verb.upper() == b"QUIT":
                    await self._say("221 goodbye")
                    return
                await self._answer(verb.upper(), rest.strip())
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass
        finally:
            self._writer.close()

    async def _line(self) -> bytes | None:
        line = await asyncio.wait_for(self._reader.readuntil(b"\r\n"), _IDLE_SECONDS)
        if len(line) > MAX_LINE:
            await self._say("500 line too long")
            return None
        return line[:-2]

    async def _say(self, answer: str) -> None:
        self._writer.write(answer.encode() + b"\r\n")
        await self._writer.drain()

    async def _answer(self, verb: bytes, rest: bytes) -> None:
        if verb == b"EHLO":
            self._forget()
            await self._say("\r\n".join(["250-pressroom", *(f"250-{it}" for it in _EXTENSIONS), "250 HELP"]))
        elif verb in (b"HELO", b"RSET"):
            self._forget()
            await self._say("250 ok")
        elif verb == b"NOOP":
            await self._say("250 ok")
        elif verb == b"MAIL":
            await self._say(self._mail(rest))
        elif verb == b"RCPT":
            await self._say(self._recipient(rest))
        elif verb == b"DATA":
            await self._data()
        elif verb == b"HELP":
            await self._say("214 HELO EHLO MAIL RCPT DATA RSET NOOP QUIT")
        elif verb == b"VRFY":
            await self._say("252 send it and see")
        else:
            await self._say("502 no such command here")

    def _forget(self) -> None:
        self._sender, self._recipients = None, []

    def _mail(self, rest: bytes) -> str:
        matched = _ENVELOPE.match(rest)
        if matched is None or rest[:5].upper() != b"FROM:":
            return "501 write MAIL FROM:<address>"
        if self._sender is not None:
            return "503 a mail has begun already; RSET first"
        declared = re.search(rb"(?i)\bSIZE=([0-9]{1,20})", matched[2])
        if declared and int(declared[1]) > MAX_SIZE:
            return f"552 at most {MAX_SIZE} bytes"
        self._sender = matched[1].decode(errors="replace")
        return "250 ok"

    def _recipient(self, rest: bytes) -> str:
        matched = _ENVELOPE.match(rest)
        if self._sender is None:
            return "503 MAIL first"
        if matched is None or not matched[1] or rest[:3].upper() != b"TO:":
            return "501 write RCPT TO:<address>"
        if len(self._recipients) >= MAX_RECIPIENTS:
            return "452 too many recipients"
        self._recipients.append(matched[1].decode(errors="replace"))
        return "250 ok"

    async def _data(self) -> None:
        if self._sender is None or not self._recipients:
            await self._say("503 MAIL and RCPT first")
            return
        await self._say("354 end with a line that has only a dot")
        content = await self._content()
        if content is None:
            await self._say(f"552 at most {MAX_SIZE} bytes")
        else:
            try:
                path = _keep(self._folder, self._sender, self._recipients, content)
                await self._say(f"250 kept as {path.name}")
            except OSError as error:
                await self._say(f"452 cannot be kept: {error.strerror}")
        self._forget()

    async def _content(self) -> bytes | None:
        """The mail up to the line with the dot, dots unstuffed; None where it is too large."""
        content = bytearray()
        too_large = False
        async with asyncio.timeout(_IDLE_SECONDS):
            while (line := await self._reader.readuntil(b"\r\n")) != b".\r\n":
                content += line[1:] if line.startswith(b".") else line
                if len(content) > MAX_SIZE:
                    too_large = True
                    content.clear()
        return None if too_large else bytes(content)


def _keep(folder: Path, sender: str, recipients: list[str], content: bytes) -> Path:
    """Write a mail under the next free number; it appears whole or not at all."""
    envelope = f"X-Envelope-From: <{sender}>\r\n" + "".join(f"X-Envelope-To: <{it}>\r\n" for it in recipients)
    part = folder / f".{os.getpid()}-{threading.get_ident()}.part"
    part.write_bytes(envelope.encode(errors="replace") + content)
    try:
        numbers = (path.name.partition("-")[0] for path in folder.glob("[0-9]*-*.eml"))
        number = max((int(text) for text in numbers if text.isdecimal()), default=0) + 1
        while True:
            path = folder / f"{number:03d}-{_slug(content)}.eml"
            try:
                # unlike a rename, a link never replaces what is there
                path.hardlink_to(part)
            except FileExistsError:
                number += 1
            else:
                return path
    finally:
        part.unlink()


def _slug(content: bytes) -> str:
    try:
        head = content.partition(b"\r\n\r\n")[0][:20_000]
        subject = str(message_from_bytes(head, policy=policy.default)["Subject"] or "")
    except Exception:
        # the parser of headers trips over some broken ones; the mail is kept all the same
        subject = ""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", subject).lower().encode(errors="ignore").decode())
    return "-".join(words).encode()[:80].decode(errors="ignore").strip("-") or "mail"
