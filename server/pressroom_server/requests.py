"""What the server knows of a request: its id and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection

REQUEST_ID = "pressroom_request_id"
"""Key of the scope."""


def request_id(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The id that the answer and the log have."""
    return str(connection.scope.get(REQUEST_ID, ""))


def address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The caller's address; of the first one that is no trusted proxy."""
    return connection.client.host if connection.client else ""
