"""How clients of the results API sign in, how they show who they are, and the form of its errors."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, HTTPException
from litestar.openapi.datastructures import ResponseSpec

from pressroom import Host, Principal, StepError, TimedOut, Unauthenticated
from pressroom_builtin.growingio import wire
from pressroom_builtin.growingio.operation_routes import SignInOperation
from pressroom_builtin.growingio.serving import OverRate
from pressroom_server.auth import PUBLIC, Connection, by_token, refused
from pressroom_server.door_threads import at_the_door
from pressroom_server.errors import detail_of, headers_of, note, status_of
from pressroom_server.requests import address

CLIENT = b"x-client-id"
FIELDS = ("project", "ai", "tm", "auth")
MOST_FIELDS = 100
TIMEOUT_CODE = "request_timeout"
CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "too_many_requests",
    500: "server_error",
    503: "unavailable",
}
_REFUSALS = {
    400: "A parameter that cannot be.",
    401: "No token, or one that is not good, or of another client.",
    403: "The token lacks a permission.",
    404: "No such thing, or not for this token.",
    429: "More downloads than allowed, or too many queries under way; `Retry-After` says when to come back.",
    500: "The query takes longer than the budget, and goes on for the next request; or it failed.",
    503: "The store cannot be read.",
}
API_ERRORS = {
    status: ResponseSpec(wire.Refusal, description=what, generate_examples=False) for status, what in _REFUSALS.items()
}
"""What every operation may answer beside its own."""


async def authenticate(connection: Connection, host: Host) -> Principal:
    """Who asks, by `Authorization: Token CODE` or the bare code; `X-Client-Id`, where it is there, must fit.

    Raises:
        Unauthenticated: no code, one that is not good, or one of another client.
    """
    given, client = "", None
    # every answer comes by here: looking through the raw headers is a third of the cost of Litestar's
    for name, value in connection.scope["headers"]:
        if name == b"authorization":
            given = value.decode("latin-1").strip()
        elif name == CLIENT:
            client = value.decode("latin-1")
    scheme, _, rest = given.partition(" ")
    secret = rest.strip() if scheme.lower() in {"token", "bearer"} else given
    if not secret:
        raise Unauthenticated
    principal = await by_token(connection, host, secret)
    if client is not None and client != principal.client_id:
        await refused(connection, host, principal.name, "sign-in")
        raise Unauthenticated
    return principal


@post(
    "/auth/token",
    opt=PUBLIC,
    status_code=200,
    operation_class=SignInOperation,
    summary="Sign in with a signature",
    responses={
        401: ResponseSpec(wire.SignInRefused, description="Anything was wrong.", generate_examples=False),
        413: ResponseSpec(wire.Refusal, description="A body that is too large.", generate_examples=False),
        429: ResponseSpec(wire.Refusal, description="Too many attempts failed.", generate_examples=False),
        503: API_ERRORS[503],
    },
)
async def sign_in(request: Request[Any, Any, Any]) -> Response[wire.SignedIn]:
    """A code for thirty days.

    The parameters come as a query string or as a body of the form `a=b&c=d`, whatever its content type.
    """
    host: Host = request.app.state.host
    client, where = request.headers.get(CLIENT.decode(), ""), address(request)
    try:
        params = await _fields(request)
        await asyncio.sleep(host.access.sign_in_turn(client, where))
        code = await at_the_door(host.access.sign_in, client, params, where)
    except (Unauthenticated, ValueError, ClientException) as error:
        if isinstance(error, HTTPException) and error.status_code != 400:
            raise
        await refused(request, host, client[:64] or "?", "sign-in")
        return Response(wire.SignInRefused(), status_code=401)  # type: ignore[arg-type]  # the other documented body
    return Response(wire.SignedIn(code=code), headers={"Cache-Control": "no-store"})


async def _fields(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The parameters, wherever they are; the body's win."""
    found = {name: str(request.query_params[name]) for name in FIELDS if name in request.query_params}
    if request.content_type[0] == RequestEncodingType.MULTI_PART:
        form = await request.form()
        return found | {name: str(form[name]) for name in FIELDS if name in form}
    body = (await request.body()).decode("utf-8", "replace").strip()
    return found | dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS))


def refusal(request: Request[Any, Any, Any], error: Exception) -> Response[wire.Refusal]:
    """The answer to an error in the documented envelope; an exception handler of Litestar's."""
    status = 500 if isinstance(error, StepError) else status_of(error)
    note(request, error, status)
    headers = headers_of(error)
    if isinstance(error, OverRate):
        headers |= error.headers
    if status == 401:
        body = wire.Refusal(message="Unauthorized")
    elif isinstance(error, TimedOut):
        body = _timeout(request)
    elif isinstance(error, StepError):
        # the source's own words may name what the caller does not see
        body = _one("query_failed", "the query failed; the server's log says why")
    elif status == 500:
        body = _one(CODES[500], "the server failed; its log says why")
    else:
        body = _one(CODES.get(status, CODES[400] if status < 500 else CODES[500]), detail_of(error))
    return Response(body, status_code=status, headers=headers, media_type="application/json")


def _one(code: str, message: str) -> wire.Refusal:
    return wire.Refusal(message=message, errors=[wire.Fault(code=code, message=message)])


def _timeout(request: Request[Any, Any, Any]) -> wire.Refusal:
    settings = request.app.state.host.settings.growingio
    waited = round(settings.budget_seconds * 1000)
    return wire.Refusal(
        message="Request timeout",
        errors=[wire.Fault(code=TIMEOUT_CODE, message=f"Request timeout in {waited} milliseconds")],
    )
