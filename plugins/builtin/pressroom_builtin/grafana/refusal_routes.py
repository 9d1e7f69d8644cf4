"""Errors of the reporting API in its own form, over HTTP."""

from __future__ import annotations

import logging
from typing import Any

from litestar import Request, Response
from litestar.openapi.datastructures import ResponseSpec

from pressroom import DefinitionError, SourceError, StepError
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.sending import NotSent
from pressroom_server.errors import detail_of, headers_of, note, status_of
from pressroom_server.requests import request_id

log = logging.getLogger("pressroom.server")
IDS = {
    400: "reports.badRequest",
    401: "auth.unauthorized",
    403: "accesscontrol.accessDenied",
    404: "reports.notFound",
    405: "reports.methodNotAllowed",
    413: "reports.tooLarge",
    429: "reports.tooManyRequests",
    500: "reports.internal",
}
_SAID = {
    400: "Something in the request cannot be; the message names every wrong field.",
    401: "No token or password, or none that is good.",
    403: "A permission is missing, on the report or on one of its dashboards.",
    404: "No such thing, or none of the caller's organisation.",
    413: "The body is too large.",
    429: "Too much is under way; `Retry-After` says when to come back.",
    500: "It failed; the message says why where the caller can do something about it.",
}
FAILED = "the server failed; its log says why"
QUERY_FAILED = "a query failed; the server's log says why"


def documented(*statuses: int) -> dict[int, ResponseSpec]:
    """What an operation may answer beside its own."""
    return {
        status: ResponseSpec(wire.Refusal, description=_SAID[status], generate_examples=False)
        for status in (*statuses, 401, 403, 429, 500)
    }


def refusal(request: Request[Any, Any, Any], error: Exception) -> Response[wire.Refusal]:
    """The answer to an error; an exception handler of Litestar's."""
    status, trace = _documented_status(error), request_id(request)
    if isinstance(error, NotSent):
        # the ledger has all of it, and nothing of ours failed
        log.warning("%s: %s", request.url.path, error, extra={"request": trace})
    else:
        note(request, error)
    body = wire.Refusal(message=_message(error, status), message_id=IDS[status], status_code=status, trace_id=trace)
    if status == 403:
        body.title = "Access denied"
        body.access_error_id = f"ACE{trace}"
    return Response(body, status_code=status, headers=headers_of(error), media_type="application/json")


def _documented_status(error: Exception) -> int:
    status = 500 if isinstance(error, StepError) else status_of(error)
    if status in IDS:
        return status
    return 400 if status < 500 else 500


def _message(error: Exception, status: int) -> str:
    if status == 401:
        return "Unauthorized"
    if isinstance(error, NotSent):
        return error.message
    if isinstance(error, DefinitionError):
        return "; ".join(map(str, error.problems))
    if isinstance(error, StepError):
        # a source's own words may name what the caller does not see
        return QUERY_FAILED if isinstance(error, SourceError) else error.message
    return detail_of(error) or FAILED
