"""`/d` over HTTP: a dashboard's page; a browser is asked for a user's name and password."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import MediaType, Request, Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from pressroom import Host, PressroomError, Principal
from pressroom_builtin.web.service import Pages
from pressroom_server.errors import MEDIA_TYPE, Problem, problem

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Styles stand in the page itself; nothing else is loaded, and nothing runs."""
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "private, no-store"}
CHOSEN = "var-"
_SAID = {
    400: "The range or a value cannot be.",
    401: "No password or token, or none that is good.",
    403: "A permission is missing.",
    404: "No such dashboard, or not for this caller.",
    504: "The queries took too long.",
}
ERRORS = {
    status: ResponseSpec(Problem, description=said, media_type=MEDIA_TYPE, generate_examples=False)
    for status, said in _SAID.items()
}
Desk = NamedDependency[Pages]
Me = NamedDependency[Principal]
Start = Annotated[str, QueryParameter(name="from", description="First moment, such as `now-7d/d`; with `to`.")]
End = Annotated[str, QueryParameter(name="to", description="End of the range, which is not in it.")]


def routes(host: Host) -> Sequence[Router]:
    """Everything under `/d`."""
    pages = Pages(host)
    return [
        Router(
            "/d",
            route_handlers=[dashboard],
            dependencies={"pages": Provide(lambda: pages, sync_to_thread=False)},
            exception_handlers={PressroomError: refusal},
            tags=["pages"],
        )
    ]


@get(
    "/{project:str}/{uid:str}",
    sync_to_thread=True,
    media_type=MediaType.HTML,
    summary="A dashboard's page",
    responses=ERRORS,
)
def dashboard(
    request: Request[Any, Any, Any],
    pages: Desk,
    principal: Me,
    project: FromPath[str],
    uid: FromPath[str],
    *,
    start: Start = "",
    end: End = "",
) -> Response[bytes]:
    """`var-NAME=VALUE` chooses a variable's value; again for several."""
    given = request.query_params
    variables = {name.removeprefix(CHOSEN): given.getall(name) for name in given if name.startswith(CHOSEN)}
    made = pages.dashboard(principal, project, uid, start=start, end=end, variables=variables)
    return Response(made, media_type=MediaType.HTML, headers=HEADERS)


def refusal(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """An error as a problem; one of signing in lets a browser ask its user."""
    answer = problem(request, error)
    if answer.status_code == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="pressroom", charset="UTF-8"'
    return answer
