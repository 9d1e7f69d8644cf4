"""Errors as answers: RFC 9457 problems, unless a router has exception handlers of its own.

    Router(..., exception_handlers={PressroomError: mine, HTTPException: mine})

Such handlers use `status_of`, `detail_of` and `headers_of`, so that every API tells the same things and hides the same.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from math import ceil
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException

from pressroom.errors import (
    AccessDenied,
    Cancelled,
    Changed,
    Conflict,
    DefinitionError,
    Gone,
    KeyReused,
    NotFound,
    PressroomError,
    SourceError,
    StepError,
    StoreError,
    TimedOut,
    TooManyRequests,
    Unauthenticated,
    UsageError,
)
from pressroom_server.requests import request_id

MEDIA_TYPE = "application/problem+json"
CLIENT_GONE = 499
"""What the access log has for a client that did not wait; nobody reads the answer."""
log = logging.getLogger("pressroom.server")
_LEFT = "client disconnected prematurely"
"""What Litestar says where a client goes away in the midst of its body."""
_STATUS: tuple[tuple[type[PressroomError], int], ...] = (
    (Unauthenticated, 401),
    (AccessDenied, 403),
    (NotFound, 404),
    (Gone, 410),
    (Changed, 412),
    (KeyReused, 422),
    (Conflict, 409),
    (TooManyRequests, 429),
    (DefinitionError, 400),
    (UsageError, 400),
    (TimedOut, 504),
    (SourceError, 502),
    (StepError, 422),
    (StoreError, 503),
    (Cancelled, 503),
)


class Problem(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The body of an error, see RFC 9457.

    Attributes:
        errors: one entry a mistake, with the field that it is in where there is one.
        request_id: to find the request in the server's log.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[dict[str, Any]] = []
    request_id: str = ""


def status_of(error: Exception) -> int:
    """The status that tells of an error; 500 for whatever nobody meant to raise."""
    if isinstance(error, InternalServerException) and error.detail == _LEFT:
        return CLIENT_GONE
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, RecursionError):
        # of the decoder: only a body can be nested so
        return 400
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def detail_of(error: Exception) -> str:
    """What a caller may read of an error: nothing of one that nobody meant to raise, or of the server's own set-up."""
    if isinstance(error, HTTPException):
        return error.detail if error.status_code < 500 else ""
    if isinstance(error, RecursionError):
        return "the body is nested too deeply"
    if isinstance(error, PressroomError) and status_of(error) not in (500, 503):
        return error.message
    return ""


def headers_of(error: Exception) -> dict[str, str]:
    """Headers that belong to an error: when to come back, how to sign in, which methods there are."""
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(max(1, ceil(error.retry_after)))
    if status_of(error) == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="pressroom"')
    return headers


def note(request: Request[Any, Any, Any], error: Exception, answered: int = 0) -> None:
    """Write an error that is the server's into the log; one that nobody meant to raise with its traceback.

    Args:
        answered: the status of the answer, where it is not `status_of` the error.
    """
    status = answered or status_of(error)
    if status >= 500:
        shown = error if status_of(error) == 500 else None
        log.error(
            "%s %s failed with %s: %s",
            request.method,
            request.url.path,
            status,
            error,
            exc_info=shown,
            extra=_extra(request),
        )


def problem(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """The answer to an error as a problem; an exception handler of Litestar's."""
    note(request, error)
    status = status_of(error)
    body = Problem(
        title=_title(status),
        status=status,
        detail=detail_of(error),
        errors=_errors(error),
        request_id=request_id(request),
    )
    return Response(body, status_code=status, headers=headers_of(error), media_type=MEDIA_TYPE)


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _errors(error: Exception) -> list[dict[str, Any]]:
    if isinstance(error, DefinitionError):
        return [{"field": each.field, "message": each.message} for each in error.problems]
    if isinstance(error, HTTPException) and isinstance(error.extra, list) and error.status_code < 500:
        return [
            {"field": str(each.get("key", "")), "message": str(each.get("message", ""))}
            for each in error.extra
            if isinstance(each, dict)
        ]
    return []


def _extra(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"request": request_id(request)}
