"""`/api/v1` over HTTP: dashboards and charts here, reports and runs beside; errors are RFC 9457 problems."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response, Router, delete, get, post, put
from litestar.di import Provide
from litestar.params import FromPath

from pressroom import Host
from pressroom_builtin.api import report_routes, run_routes, subscribing_routes, wire
from pressroom_builtin.api.base_routes import (
    Asking,
    Definition,
    IfMatch,
    Me,
    Office,
    Services,
    caller,
    errors,
    page,
    tagged,
)

BOARD, CHART = "/dashboards/{uid:str}", "/charts/{uid:str}"


def routes(host: Host) -> Sequence[Router]:
    """Everything under `/api/v1`."""
    services = Services.of(host)
    studio = [sources, create_dashboard, add_chart, preview, *BOARDS, *CHARTS]
    return [
        Router(
            "/api/v1",
            route_handlers=[
                Router("/", route_handlers=studio, tags=["studio"]),
                *report_routes.ROUTERS,
                *run_routes.ROUTERS,
                subscribing_routes.router(host),
            ],
            dependencies={
                "office": Provide(lambda: services, sync_to_thread=False),
                "me": Provide(caller, sync_to_thread=False),
                "page": Provide(page, sync_to_thread=False),
            },
        )
    ]


@get("/sources", sync_to_thread=True, summary="The sources that a project's charts may ask", responses=errors())
def sources(office: Office, me: Me) -> list[wire.SourceItem]:
    """Names, types and query languages."""
    return office.studio.sources(*me)


@post("/dashboards", sync_to_thread=True, summary="Make a dashboard", responses=errors(409))
def create_dashboard(office: Office, me: Me, data: Definition) -> Response[wire.DashboardBody]:
    """The body is a dashboard as in a file of definitions; uids that it lacks are made."""
    return tagged(office.studio.create(*me, data))


@get(BOARD, sync_to_thread=True, summary="A dashboard's definition", responses=errors())
def dashboard(office: Office, me: Me, uid: FromPath[str]) -> Response[wire.DashboardBody]:
    """With who made and changed it."""
    return tagged(office.studio.dashboard(*me, uid))


@put(BOARD, sync_to_thread=True, summary="Put a definition in a dashboard's place", responses=errors(409, 412))
def replace_dashboard(
    office: Office, me: Me, uid: FromPath[str], data: Definition, match: IfMatch = ""
) -> Response[wire.DashboardBody]:
    """The whole dashboard; a chart that it does not name is gone."""
    return tagged(office.studio.replace(*me, uid, data, match))


@delete(BOARD, sync_to_thread=True, summary="Remove a dashboard with its charts", responses=errors(412))
def delete_dashboard(office: Office, me: Me, uid: FromPath[str], match: IfMatch = "") -> None:
    """Reports that show it say that it is gone."""
    office.studio.delete(*me, uid, match)


@post(f"{BOARD}/charts", sync_to_thread=True, summary="Put a chart on a dashboard", responses=errors(409))
def add_chart(office: Office, me: Me, uid: FromPath[str], data: Definition) -> Response[wire.ChartBody]:
    """The body is a chart as in a file of definitions; without a uid one is made."""
    return tagged(office.studio.add_chart(*me, uid, data))


@get(CHART, summary="A chart's definition and columns", responses=errors(504))
async def chart(request: Asking, office: Office, me: Me, uid: FromPath[str]) -> Response[wire.ChartBody]:
    """Each column with its id, type and unit, which the results API's `meta` does not say."""
    return tagged(await office.asking.run(request, lambda stop: office.studio.chart(*me, uid, stop)))


@put(CHART, sync_to_thread=True, summary="Put a definition in a chart's place", responses=errors(409, 412))
def replace_chart(
    office: Office, me: Me, uid: FromPath[str], data: Definition, match: IfMatch = ""
) -> Response[wire.ChartBody]:
    """It stays on its dashboard and keeps its uid."""
    return tagged(office.studio.replace_chart(*me, uid, data, match))


@delete(CHART, sync_to_thread=True, summary="Take a chart from its dashboard", responses=errors(412))
def delete_chart(office: Office, me: Me, uid: FromPath[str], match: IfMatch = "") -> None:
    """The dashboard stays."""
    office.studio.delete_chart(*me, uid, match)


@post("/preview", status_code=200, summary="Try a chart's query", responses=errors(422, 502, 504))
async def preview(request: Asking, office: Office, me: Me, data: Definition) -> wire.PreviewBody:
    """The first 100 rows of a chart that need not be stored; nothing is kept."""
    return await office.asking.run(request, lambda stop: office.studio.preview(*me, data, stop))


BOARDS = [dashboard, replace_dashboard, delete_dashboard]
CHARTS = [chart, replace_chart, delete_chart]
