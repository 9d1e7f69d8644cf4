"""HTTP/1.1 with limits that uvicorn's own protocol lacks: on the head, on silence, on readers that stand still.

Without them one caller can hold connections for ever with half a request each, make the parser keep a header of
any size, or leave an answer's buffer unread.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from typing import Any

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from pressroom.settings import ServerSettings


class LimitedConfig(Config):
    """uvicorn's configuration with this protocol and its limits; can be sent to another process.

    Args:
        app: the application, or where its factory is.
        limits: of `[server]`.
        more: as uvicorn takes it.
    """

    def __init__(self, app: Any, limits: ServerSettings, **more: Any) -> None:
        super().__init__(app, http=LimitedProtocol, **more)
        self.limits = limits


class LimitedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: LimitedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.limits = config.limits
        self._in_head = True
        self._head_bytes = 0
        self._heard_at = 0.0
        self._reading: TimerHandle | None = None
        self._writing: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """The first head must be here in time, even where nothing comes at all."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._cancel_reading()
        self._cancel_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts what belongs to a head that is not complete, for the parser keeps all of it."""
        self._heard_at = self.loop.time()
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.limits.max_header_bytes:
            self._refuse(431)

    def on_message_begin(self) -> None:
        """A head begins; it counts from its first byte."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is complete; from now on each part of a body must come in time."""
        self._in_head = False
        self._head_bytes = 0
        self._cancel_reading()
        self._await_body()
        app = self.app
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.limits.max_header_bytes:
            self.app = _too_large
        super().on_headers_complete()
        self.app = app

    def on_message_complete(self) -> None:
        """All of the request is here."""
        self._cancel_reading()
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The reader is slower than the answer."""
        super().pause_writing()
        self._await_reader(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """The reader has read."""
        self._cancel_writing()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Closing waits until the last answer is read, but not for ever."""
        super().timeout_keep_alive_handler()
        self._await_reader(self.transport.get_write_buffer_size())

    def _await_head(self) -> None:
        self._in_head = True
        self._cancel_reading()
        self._reading = self.loop.call_later(self.limits.read_seconds, self._refuse, 408)

    def _await_body(self) -> None:
        self._reading = self.loop.call_later(self.limits.read_seconds, self._check_body)

    def _check_body(self) -> None:
        silent = self.loop.time() - self._heard_at
        # where reading is paused, it is the application that has not taken what came
        if silent >= self.limits.read_seconds and not self.flow.read_paused:
            self._refuse(408)
        else:
            self._await_body()

    def _await_reader(self, left: int) -> None:
        self._cancel_writing()
        self._writing = self.loop.call_later(self.limits.write_seconds, self._check_reader, left)

    def _check_reader(self, left: int) -> None:
        now = self.transport.get_write_buffer_size()
        if now >= left:
            self.transport.abort()
        else:
            self._await_reader(now)

    def _refuse(self, status: int) -> None:
        """Answer where nothing was answered yet, and close."""
        self._cancel_reading()
        if self.transport.is_closing():
            return
        answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if not answering and self._heard_at:
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _cancel_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _cancel_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None


async def _too_large(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answers whoever sent a head that came at once, but is too large."""
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 431, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
