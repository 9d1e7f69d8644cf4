"""Around every request, also those that no handler answers: id, access log, security headers."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from pressroom_server.access_log import AccessLog, Entry
from pressroom_server.requests import REQUEST_ID

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SECURITY_HEADERS: list[tuple[bytes, bytes]] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


POLICY = b"content-security-policy"
NOTHING = (POLICY, b"default-src 'none'; frame-ancestors 'none'")
"""What a page may load that says nothing of it: data is shown by no script and in no frame."""


class Outer:
    """Wraps an application.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = AccessLog()

    def flush(self) -> None:
        """Write the lines of the log that are still gathered; for the end of the application."""
        self._log.flush()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        own: dict[str, Any] = cast("dict[str, Any]", scope)
        if own["type"] != "http":
            await self._app(scope, receive, send)
            return
        id_ = own[REQUEST_ID] = _request_id(own["headers"])
        started, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                said = message["headers"]
                policy = [] if any(name == POLICY for name, _ in said) else [NOTHING]
                message["headers"] = [*said, *policy, *SECURITY_HEADERS, (b"x-request-id", id_.encode())]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            client = own["client"]
            took = time.perf_counter() - started
            where = client[0] if client else "-"
            self._log.add(Entry(time.time(), where, own["method"], own["path"], status, took, id_))


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """What the caller calls its request, where that is a name, else a new one."""
    for name, value in headers:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return value.decode()
    return secrets.token_hex(8)
