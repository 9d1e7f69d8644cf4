"""`/api/v1` over HTTP; errors are problems as RFC 9457 has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from pressroom import Host, Principal
from pressroom_builtin.api import wire
from pressroom_builtin.api.service import Studio
from pressroom_server.errors import MEDIA_TYPE, Problem

DEFAULT = "default"
_SAID = {
    400: "Something in the request cannot be; `errors` names the fields.",
    401: "No token or password, or none that is good.",
    403: "A permission is missing.",
    404: "No such thing, or not for this caller.",
    409: "A uid is taken.",
    502: "The source failed.",
    504: "The query took too long.",
}
ERRORS = {
    status: ResponseSpec(Problem, description=said, media_type=MEDIA_TYPE, generate_examples=False)
    for status, said in _SAID.items()
}
Desk = NamedDependency[Studio]
Me = NamedDependency[Principal]
Of = Annotated[str, QueryParameter(name="project", description="Uid of the project; the caller's own if absent.")]


def routes(host: Host) -> Sequence[Router]:
    """Everything under `/api/v1`."""
    studio = Studio(host)
    handlers = [
        sources,
        create_dashboard,
        dashboard,
        replace_dashboard,
        delete_dashboard,
        chart,
        add_chart,
        replace_chart,
        delete_chart,
        preview,
    ]
    return [
        Router(
            "/api/v1",
            route_handlers=handlers,
            dependencies={"studio": Provide(lambda: studio, sync_to_thread=False)},
            tags=["studio"],
        )
    ]


def place(principal: Principal, project: str) -> str:
    """The project that is meant."""
    return project or principal.project or DEFAULT


@get("/sources", sync_to_thread=True, summary="The sources that a project's charts may ask", responses=ERRORS)
def sources(studio: Desk, principal: Me, of: Of = "") -> list[wire.SourceItem]:
    """Names, types and query languages."""
    return studio.sources(principal, place(principal, of))


@post("/dashboards", sync_to_thread=True, summary="Make a dashboard", responses=ERRORS)
def create_dashboard(studio: Desk, principal: Me, data: JSONBody[dict[str, Any]], of: Of = "") -> wire.DashboardBody:
    """The body is a dashboard as in a file of definitions; uids that it lacks are made."""
    return studio.create(principal, place(principal, of), data)


@get("/dashboards/{uid:str}", sync_to_thread=True, summary="A dashboard's definition", responses=ERRORS)
def dashboard(studio: Desk, principal: Me, uid: FromPath[str], of: Of = "") -> wire.DashboardBody:
    """With who made and changed it."""
    return studio.dashboard(principal, place(principal, of), uid)


@put("/dashboards/{uid:str}", sync_to_thread=True, summary="Put a definition in a dashboard's place", responses=ERRORS)
def replace_dashboard(
    studio: Desk, principal: Me, uid: FromPath[str], data: JSONBody[dict[str, Any]], of: Of = ""
) -> wire.DashboardBody:
    """The whole dashboard; a chart that it does not name is gone."""
    return studio.replace(principal, place(principal, of), uid, data)


@delete("/dashboards/{uid:str}", sync_to_thread=True, summary="Remove a dashboard with its charts", responses=ERRORS)
def delete_dashboard(studio: Desk, principal: Me, uid: FromPath[str], of: Of = "") -> None:
    """Reports that show it say that it is gone."""
    studio.delete(principal, place(principal, of), uid)


@post("/dashboards/{uid:str}/charts", sync_to_thread=True, summary="Put a chart on a dashboard", responses=ERRORS)
def add_chart(
    studio: Desk, principal: Me, uid: FromPath[str], data: JSONBody[dict[str, Any]], of: Of = ""
) -> wire.ChartBody:
    """The body is a chart as in a file of definitions; without a uid one is made."""
    return studio.add_chart(principal, place(principal, of), uid, data)


@get("/charts/{uid:str}", sync_to_thread=True, summary="A chart's definition and columns", responses=ERRORS)
def chart(studio: Desk, principal: Me, uid: FromPath[str], of: Of = "") -> wire.ChartBody:
    """Each column with its id, type and unit, which the results API's `meta` does not say."""
    return studio.chart(principal, place(principal, of), uid)


@put("/charts/{uid:str}", sync_to_thread=True, summary="Put a definition in a chart's place", responses=ERRORS)
def replace_chart(
    studio: Desk, principal: Me, uid: FromPath[str], data: JSONBody[dict[str, Any]], of: Of = ""
) -> wire.ChartBody:
    """It stays on its dashboard and keeps its uid."""
    return studio.replace_chart(principal, place(principal, of), uid, data)


@delete("/charts/{uid:str}", sync_to_thread=True, summary="Take a chart from its dashboard", responses=ERRORS)
def delete_chart(studio: Desk, principal: Me, uid: FromPath[str], of: Of = "") -> None:
    """The dashboard stays."""
    studio.delete_chart(principal, place(principal, of), uid)


@post("/preview", status_code=200, sync_to_thread=True, summary="Try a chart's query", responses=ERRORS)
def preview(studio: Desk, principal: Me, data: JSONBody[dict[str, Any]], of: Of = "") -> wire.PreviewBody:
    """The first 100 rows of a chart that need not be stored; nothing is kept."""
    return studio.preview(principal, place(principal, of), data)
