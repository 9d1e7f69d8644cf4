"""Who asks: a door before every handler that is not public.

    @get("/health", opt={"public": True})                  # for everybody
    @get("/things")
    def things(principal: CurrentPrincipal, host: CurrentHost) -> ...    # for who is signed in
    Router("/old", opt={"authenticate": mine}, ...)        # another way to sign in

`mine(connection, host)` is a coroutine that gives a Principal or raises `Unauthenticated`; it mostly ends in
`by_token(host, secret)`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, cast

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.types import ASGIApp, Receive, Scope, Send

from pressroom.access import Principal
from pressroom.errors import AccessDenied, PressroomError, Unauthenticated
from pressroom.host import Host
from pressroom_server.door_threads import at_the_door
from pressroom_server.requests import address

Connection = ASGIConnection[Any, Any, Any, Any]
Authenticate = Callable[[Connection, Host], Awaitable[Principal]]
CurrentPrincipal: TypeAlias = NamedDependency[Principal]
"""Type of a handler's parameter `principal`."""
CurrentHost: TypeAlias = NamedDependency[Host]
"""Type of a handler's parameter `host`."""
log = logging.getLogger("pressroom.server")
PUBLIC = {"public": True}
"""`opt` of a handler or router for everybody."""
_PASSWORDS = asyncio.Semaphore(2)


def door(app: ASGIApp) -> ASGIApp:
    """The application's middleware: goes on only where the caller is known, or the handler is public.

    A guard would do the same, but Litestar copies the handler for each call of one, which takes as long as half
    of a small answer.
    """

    async def entering(scope: Scope, receive: Receive, send: Send) -> None:
        known = cast("dict[str, Any]", scope)
        options: dict[str, Any] = known["route_handler"].opt
        if not options.get("public"):
            authenticate: Authenticate = options.get("authenticate", authenticated)
            known["user"] = await authenticate(ASGIConnection(scope), scope["litestar_app"].state.host)
        await app(scope, receive, send)

    return entering


def provide_principal(request: Connection) -> Principal:
    """The dependency `principal`: who came in."""
    user = request.scope.get("user")
    if not isinstance(user, Principal):
        raise Unauthenticated
    return user


async def authenticated(connection: Connection, host: Host) -> Principal:
    """Who asks, by `Authorization: Bearer TOKEN`, `Token TOKEN`, or `Basic` with a user's password.

    Raises:
        Unauthenticated: no such header, or nobody that it is good for.
    """
    scheme, _, rest = connection.headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer" | "token":
            return await by_token(connection, host, rest.strip())
        case "basic":
            return await by_password(connection, host, rest.strip())
    raise Unauthenticated


async def by_token(connection: Connection, host: Host, secret: str) -> Principal:
    """Who a token or a client's code belongs to.

    Raises:
        Unauthenticated: nobody.
    """
    principal = host.access.recall(secret) or await at_the_door(host.access.by_token, secret)
    if principal is None:
        await refused(connection, host, "?", "sign-in")
        raise Unauthenticated
    return principal


async def by_password(connection: Connection, host: Host, encoded: str) -> Principal:
    """The user of a Basic credential; waits where name and address failed often, and for one of few turns.

    Raises:
        Unauthenticated: wrong name or password.
        TooManyRequests: too many attempts.
    """
    try:
        login, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Unauthenticated from None
    if not colon:
        raise Unauthenticated
    return await check_password(connection, host, login, password)


async def check_password(connection: Connection, host: Host, login: str, password: str) -> Principal:
    """The user of that name and password; raises and waits as `by_password` does."""
    known = host.access.recall_password(login, password)
    if known is not None:
        return known
    where = address(connection)
    await asyncio.sleep(host.access.password_turn(login, where))
    try:
        async with _PASSWORDS:
            return await at_the_door(host.access.by_password, login, password, where)
    except Unauthenticated:
        await refused(connection, host, login, "sign-in")
        raise


async def note_refusal(error: Exception, scope: Scope) -> None:
    """Write into the audit log what somebody known was refused; whichever form of answer it gets."""
    user = scope.get("user")
    if isinstance(error, AccessDenied) and isinstance(user, Principal):
        connection: Connection = ASGIConnection(scope)
        permission = error.message.rpartition(" ")[2]
        await refused(connection, connection.app.state.host, user.name, permission, user.project)


async def refused(connection: Connection, host: Host, actor: str, action: str, project: str = "") -> None:
    """Write a refusal into the audit log; where the store does not take it, into the log."""
    target, where = connection.url.path, address(connection)
    try:
        await at_the_door(host.access.refused, actor, action, project=project, target=target, address=where)
    except PressroomError as error:
        log.warning("%s was refused to %s from %s, and the store does not take it: %s", action, actor, where, error)
