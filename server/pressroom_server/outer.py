"""Around every request, also those that no handler answers: id, access log, security headers."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from pressroom.models.values import clean
from pressroom_server.requests import REQUEST_ID

access_log = logging.getLogger("pressroom.http")
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the start and the end of the application."""
        own: dict[str, Any] = cast("dict[str, Any]", scope)
        if own["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        id_ = given if _ID.fullmatch(given) else secrets.token_hex(8).encode()
        own[REQUEST_ID] = id_.decode()
        started, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                said = message["headers"]
                policy = [] if any(name.lower() == POLICY for name, _ in said) else [NOTHING]
                message["headers"] = [*said, *policy, *SECURITY_HEADERS, (b"x-request-id", id_)]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            client = own["client"]
            access_log.info(
                "%s %s %s %s %.1f ms",
                client[0] if client else "-",
                own["method"],
                clean(own["path"]),
                status or "-",
                (time.perf_counter() - started) * 1000,
                extra={"request": id_.decode()},
            )
