"""`/sign-in` and `/sign-out`: a session for pages, by a user's name and password."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from litestar import MediaType, Request, Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.params import QueryParameter

from pressroom import Host, TooManyRequests, Unauthenticated
from pressroom.locales import Locale
from pressroom_builtin.web.base_routes import COOKIE, HEADERS, LIST, answer, destination, language
from pressroom_builtin.web.cards import Card, Form
from pressroom_server.auth import PUBLIC, Connection, CurrentHost, check_password
from pressroom_server.errors import headers_of

PATH, OUT = "/sign-in", "/sign-out"
MOST_FIELDS, MOST_BYTES = 10, 20_000
ENDED = "ended"
To = Annotated[str, QueryParameter(name="to", description="Where to go then: `/d`, or a page under it.")]
Because = Annotated[str, QueryParameter(name="because", description="`ended` where a link had ended.")]


def sign_in_routes() -> Router:
    """All of them."""
    return Router("/", route_handlers=[ask, sign_in, sign_out], opt=PUBLIC, include_in_schema=False)


def sign_in_address(to: str, *, ended: bool = False) -> str:
    """Where to sign in for a page."""
    said = {"to": to} if destination(to) else {}
    return f"{PATH}?{urlencode({**said, 'because': ENDED} if ended else said)}".rstrip("?")


@get(PATH, sync_to_thread=False, media_type=MediaType.HTML)
def ask(request: Request[Any, Any, Any], to: To = "", because: Because = "") -> Response[Any]:
    """The form."""
    locale = language(request)
    return answer(_card(locale, to, said="link_ended" if because == ENDED else "sign_in_intro"), locale)


@post(PATH, media_type=MediaType.HTML)
async def sign_in(request: Request[Any, Any, Any], host: CurrentHost) -> Response[Any]:
    """Starts a session where the password is right; as slow as every other way in for whoever guesses."""
    locale = language(request)
    given = await _fields(request)
    login, to = given.get("login", ""), given.get("to", "")
    if _foreign(request):
        return answer(_card(locale, to, login=login), locale, 403)
    try:
        principal = await check_password(request, host, login, given.get("password", ""))
        session, until = host.access.start_session(principal.name)
    except Unauthenticated:
        return answer(_card(locale, to, login=login, error="wrong_password"), locale, 401)
    except TooManyRequests as error:
        return answer(_card(locale, to, login=login, error="too_often"), locale, 429, headers_of(error))
    cookie = _cookie(request, host, session, until)
    place = destination(to) or LIST
    return Response(b"", status_code=303, headers={**HEADERS, "Location": place}, cookies=[cookie])


@post(OUT, status_code=303, sync_to_thread=False, media_type=MediaType.HTML)
def sign_out(request: Request[Any, Any, Any], host: CurrentHost) -> Response[Any]:
    """Lets the browser forget the session."""
    gone = _cookie(request, host, "", datetime.fromtimestamp(0, UTC))
    return Response(b"", status_code=303, headers={**HEADERS, "Location": PATH}, cookies=[gone])


def _card(locale: Locale, to: str, *, login: str = "", error: str = "", said: str = "sign_in_intro") -> Card:
    hidden = {"to": to} if destination(to) else {}
    form = Form(locale.word("sign_in"), PATH, hidden, sign_in=True, login=login)
    return Card(locale.word("sign_in"), (locale.word(said),), locale.word(error) if error else "", form)


async def _fields(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The form's fields; none of a body that is no such form."""
    body = await request.body()
    try:
        if len(body) > MOST_BYTES:
            return {}
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def _foreign(connection: Connection) -> bool:
    """Whether a browser says that another site sent the form, to sign somebody in as somebody else."""
    return connection.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def _cookie(connection: Connection, host: Host, session: str, until: datetime) -> Cookie:
    secure = connection.url.scheme == "https" or host.links.base.startswith("https://")
    left = max(0, round((until - datetime.now(UTC)).total_seconds()))
    return Cookie(key=COOKIE, value=session, path=LIST, max_age=left, secure=secure, httponly=True, samesite="lax")
