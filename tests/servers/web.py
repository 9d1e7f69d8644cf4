"""A web server on loopback whose answers tests write byte by byte."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Web:
    """A running server.

    Attributes:
        answers: by path; others are 404.
        asked: the head of every request, in order.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def url(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def give(self, path: str, content: bytes, status: str = "200 OK", **headers: str) -> None:
        """Answer a path with this body."""
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(content)}", "connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.write(path, "\r\n".join(lines).encode() + b"\r\n\r\n" + content)

    def write(self, path: str, raw: bytes) -> None:
        """Answer a path with these bytes, status line and all."""

        async def answer(writer: asyncio.StreamWriter) -> None:
            writer.write(raw)
            await writer.drain()

        self.answers[path] = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.asked.append(head)
                await self.answers.get(head.split(" ")[1], nothing)(writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()


async def nothing(writer: asyncio.StreamWriter) -> None:
    """Not found."""
    writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")


@contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    """A server while the block runs; what is still under way at its end is cancelled."""
    web, ready, loop = Web(), threading.Event(), asyncio.new_event_loop()
    ended = asyncio.Event()

    async def run() -> None:
        server = await asyncio.start_server(web.serve, "127.0.0.1", 0, ssl=tls)
        web.port = server.sockets[0].getsockname()[1]
        ready.set()
        await ended.wait()
        server.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(_whole(run)))
    thread.start()
    assert ready.wait(20)
    try:
        yield web
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(20)
        loop.close()


async def _whole(main: Callable[[], Awaitable[None]]) -> None:
    await main()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    # connections close in the loop's next rounds
    for _ in range(3):
        await asyncio.sleep(0)
