"""The computed-results API over HTTP: signing in, dashboards, charts, segments, rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import quote

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect, Stream
from litestar.types import ASGIApp, Receive, Scope, Send

from pressroom import Host, PressroomError, Principal
from pressroom_builtin.growingio import wire
from pressroom_builtin.growingio.answers import MEDIA_TYPES
from pressroom_builtin.growingio.desk import Listed
from pressroom_builtin.growingio.door_routes import API_ERRORS, authenticate, refusal, sign_in
from pressroom_builtin.growingio.operation_routes import (
    ChartOperation,
    ClientOperation,
    JsonOperation,
    TextOperation,
    UsersOperation,
)
from pressroom_builtin.growingio.parameters import read_chart, split_ending
from pressroom_builtin.growingio.served import Served, told
from pressroom_builtin.growingio.serving import Serving
from pressroom_builtin.growingio.text import rules_text
from pressroom_server.auth import PUBLIC

T = TypeVar("T")
Asking = Request[Any, Any, Any]
CurrentServing = NamedDependency[Serving]
JSON = {"json": "application/json"}
TEXT = "text/csv"
CONDITIONS = frozenset({b"if-none-match", b"if-modified-since"})
TAGS = ["results"]


def routes(host: Host) -> Sequence[Router]:
    """Everything under `/auth`, `/projects`, `/v2` and `/admin`."""
    serving = Serving(host)
    serving.warm()
    return [
        Router(
            "/",
            route_handlers=[
                sign_in,
                dashboards,
                dashboard,
                Router("/", route_handlers=[chart, chart_v2], middleware=[ready_first(serving)]),
                segments,
                users,
                rules,
            ],
            opt={"authenticate": authenticate},
            dependencies={"serving": Provide(lambda: serving, sync_to_thread=False)},
            exception_handlers={PressroomError: refusal, HTTPException: refusal, Exception: refusal},
            tags=TAGS,
        ),
        Router("/", route_handlers=[dashboard_page], opt=PUBLIC, tags=TAGS),
    ]


def ready_first(serving: Serving) -> Callable[[ASGIApp], ASGIApp]:
    """A middleware that gives what was given a moment ago, without what a handler costs; three times as fast."""

    def around(app: ASGIApp) -> ASGIApp:
        async def answering(scope: Scope, receive: Receive, send: Send) -> None:
            known = cast("dict[str, Any]", scope)
            served = serving.ready((known["path"], known["query_string"]))
            given: dict[bytes, bytes] = dict(known["headers"])
            if served is None or not CONDITIONS.isdisjoint(given):
                await app(scope, receive, send)
                return
            me = known["user"]
            allowed(me, "dashboards:read", known["path_params"]["project"])
            limits = await serving.turn(me)
            headers, body = served.packed if b"gzip" in given.get(b"accept-encoding", b"") else served.plain
            headers = [*headers, *((name.lower().encode(), value.encode()) for name, value in limits.items())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})

        return answering

    return around


@get(
    "/projects/{project:str}/dashboards.json",
    operation_class=ClientOperation,
    summary="A project's dashboards, the newest update first",
    responses=API_ERRORS,
)
async def dashboards(
    request: Asking, serving: CurrentServing, project: FromPath[str]
) -> Response[list[wire.DashboardItem]]:
    """Names and days; the charts are in each dashboard's own answer."""
    return await answer_list(request, serving, project, serving.results.dashboards)


@get(
    "/projects/{project:str}/dashboards/{dashboard:str}",
    operation_class=JsonOperation,
    summary="A dashboard with its charts",
    responses=API_ERRORS,
)
async def dashboard(
    request: Asking, serving: CurrentServing, project: FromPath[str], dashboard: FromPath[str]
) -> wire.Dashboard:
    """A chart's data is asked for by its `id`."""
    me = caller(request)
    uid, _ = split_ending(dashboard, JSON)
    work = serving.results.dashboard
    return await serving.answered(("dashboard", me, project, uid), lambda ask: work(me, project, uid, ask=ask))


@get(
    "/admin/projects/{project:str}/dashboard/{dashboard:str}",
    status_code=302,
    sync_to_thread=False,
    summary="Where a dashboard's page was once",
)
def dashboard_page(project: FromPath[str], dashboard: FromPath[str]) -> Redirect:
    """Leads to the page of that name, whether there is one or not; the page asks who wants it."""
    return Redirect(f"/d/{quote(project, safe='')}/{quote(dashboard, safe='')}", status_code=302)


@get(
    "/projects/{project:str}/charts/{chart:str}",
    operation_class=ChartOperation,
    summary="A chart's data",
    responses=API_ERRORS,
)
async def chart(
    request: Asking, serving: CurrentServing, project: FromPath[str], chart: FromPath[str]
) -> Response[wire.ChartData]:
    """A row is what the chart's type says; `meta` says what each column of it is."""
    return await answer_chart(request, serving, project, chart, audience=False)


@get(
    "/v2/projects/{project:str}/charts/{chart:str}",
    operation_class=ChartOperation,
    summary="A chart's data, with whom it is about",
    responses=API_ERRORS,
)
async def chart_v2(
    request: Asking, serving: CurrentServing, project: FromPath[str], chart: FromPath[str]
) -> Response[wire.ChartData]:
    """As the first version, with one more first column; a number has the one of the period before beside it."""
    return await answer_chart(request, serving, project, chart, audience=True)


@get(
    "/projects/{project:str}/segmentations.json",
    operation_class=ClientOperation,
    summary="A project's segments with the number of their users",
    responses=API_ERRORS,
)
async def segments(request: Asking, serving: CurrentServing, project: FromPath[str]) -> Response[list[wire.Segment]]:
    """`updatedAt` is the day on which the users were counted; `X-Warnings` names those that cannot be counted."""
    return await answer_list(request, serving, project, serving.results.segments)


@get(
    "/projects/{project:str}/segmentations/{segment:str}/users.csv",
    operation_class=UsersOperation,
    summary="A segment's users",
    responses=API_ERRORS,
)
async def users(
    request: Asking, serving: CurrentServing, project: FromPath[str], segment: FromPath[str]
) -> Response[bytes]:
    """A header line, then a user a line, with tabs between the fields unless the project says commas."""
    me = caller(request)
    allowed(me, "segments:read", project)
    limits = await serving.turn(me)
    served = await serving.users(me, project, segment)
    return reply(request, served, limits, TEXT, lambda: serving.flow(serving.stream_users(me, project, segment)))


@get(
    "/projects/{project:str}/rules.csv",
    operation_class=TextOperation,
    summary="A project's event rules",
    responses=API_ERRORS,
)
async def rules(request: Asking, serving: CurrentServing, project: FromPath[str]) -> Response[bytes]:
    """Id, name and type (page, imp, clck, chng, sbmt), a rule a line."""
    me = caller(request)

    def work() -> bytes:
        separator = serving.results.separator(me, project)
        return rules_text(serving.results.rules(me, project), separator)

    return Response(await serving.read(("rules", me, project), work), media_type=TEXT)


async def answer_list(
    request: Asking, serving: Serving, project: str, work: Callable[..., Listed[T]]
) -> Response[list[T]]:
    """A list of the service's, with its warnings beside it."""
    me = caller(request)
    found = await serving.answered((work.__name__, me, project), lambda ask: work(me, project, ask=ask))
    return Response(found.items, headers=told(found.warnings))


async def answer_chart(
    request: Asking, serving: Serving, project: str, name: str, *, audience: bool
) -> Response[wire.ChartData]:
    """A chart's data on either path."""
    me = caller(request)
    allowed(me, "dashboards:read", project)
    wanted = read_chart(project, name, request.query_params, audience=audience)
    limits = await serving.turn(me)
    served = await serving.chart((request.scope["path"], request.scope["query_string"]), me, wanted)
    return reply(request, served, limits, MEDIA_TYPES[wanted.form], lambda: serving.flow(serving.stream(me, wanted)))


def caller(request: Asking) -> Principal:
    """Who asks; a dependency would cost a cached answer a tenth of its time."""
    found: Principal = request.scope["user"]
    return found


def allowed(principal: Principal, permission: str, project: str) -> None:
    """Refuse before anything is waited for; the service does so again."""
    principal.require(permission)
    principal.enter(project)


def reply(
    request: Asking, served: Served, limits: dict[str, str], media_type: str, stream: Callable[[], Any]
) -> Response[Any]:
    """The answer, or 304 where the client has it."""
    headers = {**served.all_headers(), **limits}
    if served.known_to(request.headers.get("if-none-match"), request.headers.get("if-modified-since")):
        return Response(None, status_code=304, headers=headers, media_type=media_type)
    if served.body is None:
        return Stream(stream, headers=headers, media_type=media_type)
    return Response(served.body, headers=headers, media_type=media_type)
