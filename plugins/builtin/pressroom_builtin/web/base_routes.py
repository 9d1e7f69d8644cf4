"""What the routes of pages share: answers for people, and who reads.

A reader is known by a header as everywhere, by the cookie of a session, or by the key of a link.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Literal

from litestar import MediaType, Request, Response

from pressroom import Gone, Host, NotFound, Principal, Unauthenticated
from pressroom.locales import Locale
from pressroom_builtin.web.cards import Card, render
from pressroom_builtin.web.picker import CHOSEN
from pressroom_server.auth import Connection, authenticated

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
"""Styles stand in the page itself; nothing else is loaded, nothing runs, and forms lead here only."""
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "private, no-store"}
HTML = "text/html"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
COOKIE = "pressroom_session"
"""It counts for pages only, which change nothing: no other site can make a browser do anything with it."""
ENDED = "the link has ended, or is not whole; sign in to see the dashboard"
LONGEST = 8000
"""Characters of an address to come back to."""
LIST = "/d"
"""The list of dashboards; pages of dashboards are under it."""
_VIA = "pressroom_via"

Via = Literal["header", "session", "link"]


def answer(card: Card, locale: Locale, status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    """A small page as an answer that nothing on the way keeps."""
    said = {**HEADERS, **(headers or {})}
    return Response(render(card, locale), status_code=status, media_type=MediaType.HTML, headers=said)


def language(request: Request[Any, Any, Any]) -> Locale:
    """The reader's own, as its browser says."""
    said = _LANGUAGE.match(request.headers.get("accept-language", ""))
    return Locale.of(said[0][:20] if said else "en")


def for_people(request: Request[Any, Any, Any]) -> bool:
    """Whether a person's browser asks, rather than a program."""
    return HTML in request.headers.get("accept", "")


async def reader(connection: Connection, host: Host) -> Principal:
    """Who asks for a dashboard's page.

    Raises:
        Unauthenticated: nobody that is known, and no link that is good for exactly this page.
    """
    if "authorization" in connection.headers:
        return await authenticated(connection, host)
    project = str(connection.path_params.get("project", ""))
    principal = await _by_session(connection, host)
    if principal is not None and principal.project in ("", project):
        _note(connection, "session")
        return principal
    key = connection.query_params.get("key")
    if key:
        _check(connection, host, key)
        _note(connection, "link")
        return Principal.with_role("a link", "viewer", project)
    if principal is not None:
        _note(connection, "session")
        return principal
    raise Unauthenticated


async def member(connection: Connection, host: Host) -> Principal:
    """Who asks for a page that no link leads to.

    Raises:
        Unauthenticated: nobody that is known.
    """
    if "authorization" in connection.headers:
        return await authenticated(connection, host)
    principal = await _by_session(connection, host)
    if principal is None:
        raise Unauthenticated
    _note(connection, "session")
    return principal


def via(connection: Connection) -> Via:
    """How the reader came in."""
    found: Via = connection.scope.get(_VIA, "header")  # type: ignore[assignment]  # only `_note` writes it
    return found


def chosen(connection: Connection) -> dict[str, list[str]]:
    """The values of variables that an address chooses."""
    given: Any = connection.query_params
    return {name.removeprefix(CHOSEN): given.getall(name) for name in given if name.startswith(CHOSEN)}


async def _by_session(connection: Connection, host: Host) -> Principal | None:
    session = connection.cookies.get(COOKIE, "")
    return await asyncio.to_thread(host.access.by_session, session) if session else None


def _note(connection: Connection, how: Via) -> None:
    connection.scope[_VIA] = how  # type: ignore[literal-required]  # a key of our own


def _check(connection: Connection, host: Host, key: str) -> None:
    said = connection.query_params
    try:
        host.links.allows(
            key,
            project=str(connection.path_params.get("project", "")),
            uid=str(connection.path_params.get("uid", "")),
            start=said.get("from", ""),
            end=said.get("to", ""),
            variables=chosen(connection),
        )
    except (NotFound, Gone):
        raise Unauthenticated(ENDED) from None


def destination(to: str) -> str:
    """Where to go after signing in: a page of ours, never another site; empty where `to` is none."""
    fine = (
        (to == LIST or to.startswith(f"{LIST}/"))
        and to.isascii()
        and to.isprintable()
        and not set(to) & set(" \\\"'<>")
    )
    return to if fine and len(to) <= LONGEST else ""


def here(connection: Connection) -> str:
    """The address of the page that was asked for, as it was written, without the key."""
    path = connection.scope["raw_path"].decode("latin-1")
    query = connection.scope["query_string"].decode("latin-1")
    kept = "&".join(part for part in query.split("&") if part and not part.startswith("key="))
    return f"{path}?{kept}" if kept else path
