"""The reporting API over HTTP: reports."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, RawBody

from pressroom import Host, PressroomError
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.door_routes import ORGANISATION, Asking, Caller, Desk, Number, check_json, report_number
from pressroom_builtin.grafana.operation_routes import OrganisationOperation, ReportOperation
from pressroom_builtin.grafana.refusal_routes import documented, refusal
from pressroom_builtin.grafana.render_routes import csvs, pdfs
from pressroom_builtin.grafana.sending_routes import email, send_test
from pressroom_builtin.grafana.settings_routes import image, save_settings, settings

Me = NamedDependency[Caller]
TAGS = ["reporting"]


def routes(host: Host) -> Sequence[Router]:
    """Everything under `/api/reports`."""
    desk = Desk(host)

    def caller(request: Asking) -> Caller:
        return Caller(desk, request.scope["user"], request.headers.get(ORGANISATION, "").strip())

    handlers = [reports, create, of_dashboard, report, update, remove]
    others = [email, send_test, settings, save_settings, image, pdfs, csvs]
    return [
        Router(
            "/api/reports",
            route_handlers=[*handlers, *others],
            dependencies={"me": Provide(caller, sync_to_thread=False)},
            exception_handlers={PressroomError: refusal, HTTPException: refusal, Exception: refusal},
            tags=TAGS,
        )
    ]


@get(sync_to_thread=True, operation_class=OrganisationOperation, summary="List reports", responses=documented())
def reports(me: Me) -> list[wire.Report]:
    """Those that the caller may read, with all their dashboards."""
    return me.api.reports(*me.at())


@post(
    status_code=200,
    sync_to_thread=True,
    operation_class=ReportOperation,
    summary="Create a report",
    responses=documented(400, 413),
)
def create(me: Me, request: Asking, body: RawBody) -> wire.Created:
    """Every wrong field is named at once."""
    check_json(request)
    return me.api.create(*me.at(), body)


@get(
    "/dashboards/{uid:str}",
    sync_to_thread=True,
    operation_class=OrganisationOperation,
    summary="List reports that show a dashboard",
    responses=documented(),
)
def of_dashboard(me: Me, uid: FromPath[str]) -> list[wire.Report]:
    """Those that the caller may read, with all their dashboards."""
    return me.api.of_dashboard(*me.at(), uid)


@get(
    "/{id:str}",
    sync_to_thread=True,
    operation_class=OrganisationOperation,
    summary="Get a report",
    responses=documented(400, 404),
)
def report(me: Me, number: Number) -> wire.Report:
    """One of another organisation does not exist."""
    return me.api.report(*me.at(), report_number(number))


@put(
    "/{id:str}",
    sync_to_thread=True,
    operation_class=ReportOperation,
    summary="Update a report",
    responses=documented(400, 404, 413),
)
def update(me: Me, request: Asking, number: Number, body: RawBody) -> wire.Done:
    """The whole report: an absent field means its default."""
    check_json(request)
    return me.api.update(*me.at(), report_number(number), body)


@delete(
    "/{id:str}",
    status_code=200,
    sync_to_thread=True,
    operation_class=OrganisationOperation,
    summary="Delete a report",
    responses=documented(400, 404),
)
def remove(me: Me, number: Number) -> wire.Done:
    """A run that is under way goes on; what was sent stays in the ledger."""
    return me.api.delete(*me.at(), report_number(number))
