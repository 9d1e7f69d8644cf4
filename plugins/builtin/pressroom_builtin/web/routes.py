"""`/d` over HTTP: the list of dashboards, a dashboard's page; who is not known is led to sign in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import MediaType, Request, Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from pressroom import Host, NotFound, PressroomError, Principal
from pressroom_builtin.web.base_routes import (
    HEADERS,
    LIST,
    answer,
    chosen,
    for_people,
    here,
    language,
    member,
    reader,
    via,
)
from pressroom_builtin.web.cards import Card
from pressroom_builtin.web.link_routes import link_routes
from pressroom_builtin.web.page import Asked
from pressroom_builtin.web.service import Pages
from pressroom_builtin.web.sign_in_routes import sign_in_address, sign_in_routes
from pressroom_server.auth import PUBLIC
from pressroom_server.errors import MEDIA_TYPE, Problem, detail_of, headers_of, note, problem, status_of
from pressroom_server.long_work import LongWork

_SAID = {
    400: "The range or a value cannot be.",
    401: "No password or token, or none that is good.",
    403: "A permission is missing.",
    404: "No such dashboard, or not for this caller.",
    429: "Too many readers at once; `Retry-After` says when to come back.",
    504: "The queries took too long.",
}
_TITLES = {400: "page_wrong", 403: "page_forbidden", 404: "page_missing"}
ERRORS = {
    status: ResponseSpec(Problem, description=said, media_type=MEDIA_TYPE, generate_examples=False)
    for status, said in _SAID.items()
}
AT_ONCE, WAITING = 4, 60
"""Pages that are made at the same time, and readers who wait for their turn: a report's mails are opened together."""
Desk = NamedDependency[Pages]
Turns = NamedDependency[LongWork]
Me = NamedDependency[Principal]
Start = Annotated[str, QueryParameter(name="from", description="First moment, such as `now-7d/d`; with `to`.")]
End = Annotated[str, QueryParameter(name="to", description="End of the range, which is not in it.")]


def routes(host: Host) -> Sequence[Router]:
    """`/`, everything under `/d`, and what links in mails open."""
    pages, turns = Pages(host), LongWork("pages", host.closing, at_once=AT_ONCE, waiting=WAITING)
    dashboards = Router(
        LIST,
        route_handlers=[listing, dashboard],
        opt={"authenticate": reader},
        dependencies={
            "pages": Provide(lambda: pages, sync_to_thread=False),
            "turns": Provide(lambda: turns, sync_to_thread=False),
        },
        exception_handlers={PressroomError: refusal},
        tags=["pages"],
    )
    front = Router("/", route_handlers=[home], opt=PUBLIC, include_in_schema=False)
    return [front, dashboards, link_routes(), sign_in_routes()]


@get("/", sync_to_thread=False)
def home(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Leads people to the list; programs have nothing to find here."""
    if not for_people(request):
        raise NotFound("nothing is at /; dashboards are listed at /d, and the APIs are described at /schema")
    return Response(b"", status_code=303, headers={**HEADERS, "Location": LIST, "Vary": "Accept"})


@get(
    "/",
    media_type=MediaType.HTML,
    summary="The list of dashboards",
    responses={status: ERRORS[status] for status in (401, 403)},
    opt={"authenticate": member},
    sync_to_thread=True,
)
def listing(request: Request[Any, Any, Any], pages: Desk, principal: Me) -> Response[bytes]:
    """Of every project that the reader may see, those that it may read."""
    made = pages.listing(principal, language(request), who=_signed_in(request, principal))
    return Response(made, media_type=MediaType.HTML, headers=HEADERS)


@get(
    "/{project:str}/{uid:str}",
    media_type=MediaType.HTML,
    summary="A dashboard's page",
    responses=ERRORS,
)
async def dashboard(
    request: Request[Any, Any, Any],
    pages: Desk,
    turns: Turns,
    principal: Me,
    *,
    project: FromPath[str],
    uid: FromPath[str],
    start: Start = "",
    end: End = "",
) -> Response[bytes]:
    """`var-NAME=VALUE` chooses a variable's value; again for several. `key` is of a link in a mail."""
    asked = Asked(start, end, chosen(request))
    fixed, who = via(request) == "link", _signed_in(request, principal)
    made = await turns.run(
        request,
        lambda stop: pages.dashboard(principal, project, uid, asked, fixed=fixed, who=who, cancellation=stop),
    )
    return Response(made, media_type=MediaType.HTML, headers=HEADERS)


def _signed_in(request: Request[Any, Any, Any], principal: Principal) -> str:
    """The name of who can sign out; empty for all others."""
    return principal.name if via(request) == "session" else ""


def refusal(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """An error as a page for people, with a way to sign in; as a problem for programs."""
    status = status_of(error)
    if not for_people(request) or "authorization" in request.headers:
        answer_ = problem(request, error)
        if status == 401:
            answer_.headers["WWW-Authenticate"] = 'Basic realm="pressroom", charset="UTF-8"'
        return answer_
    note(request, error)
    locale = language(request)
    if status == 401:
        place = sign_in_address(here(request), ended="key" in request.query_params)
        return Response(b"", status_code=303, headers={**HEADERS, "Location": place})
    more = (locale.word("another_user"), sign_in_address(here(request))) if via(request) == "session" else None
    title = locale.word(_TITLES.get(status, "page_failed"))
    return answer(Card(title, tuple(detail_of(error).splitlines()), more=more), locale, status, headers_of(error))
