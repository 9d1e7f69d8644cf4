"""`/api/v1/reports`, `/schedules` and `/previews` over HTTP."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, Router, delete, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from pressroom_builtin.api import report_wire as wire
from pressroom_builtin.api.base_routes import (
    Asking,
    Definition,
    IfMatch,
    Me,
    Office,
    Part,
    errors,
    linked,
    tagged,
)
from pressroom_builtin.api.previews import Made
from pressroom_server.long_work import Pieces

REPORT = "/{uid:str}"
Stands = Annotated[str, QueryParameter(name="state", description="draft, scheduled or paused.")]
TOLD = 20
"""Warnings of a preview that its header holds."""
BYTES = "application/octet-stream"
NOTHING = ResponseSpec(None, description="There was nothing to put into any document.", generate_examples=False)
Shows = Annotated[str, QueryParameter(description="Uid of a dashboard.")]
Count = Annotated[int, QueryParameter(description="How many moments, up to 1000.", ge=1, le=1000)]
Start = Annotated[str, QueryParameter(name="from", description="At or after it: RFC 3339, or such as `now+7d`.")]


@get("/", sync_to_thread=True, summary="The reports", responses=errors())
def reports(
    request: Asking, office: Office, me: Me, page: Part, *, stands: Stands = "", dashboard: Shows = ""
) -> Response[wire.ReportPage]:
    """Oldest first; those in a state, or that show a dashboard. Who may read some only gets those."""
    found = office.reports.reports(*me, state=stands, dashboard=dashboard, limit=page.limit, cursor=page.cursor)
    return linked(request, found)


@post("/", sync_to_thread=True, summary="Make a report", responses=errors(409))
def create_report(office: Office, me: Me, data: Definition) -> Response[wire.ReportBody]:
    """The body is a report as in a file of definitions, with any channels and formats; without a uid one is made."""
    made = office.reports.create(*me, data)
    return tagged(made, Location=f"/api/v1/reports/{made.uid}")


@get(REPORT, sync_to_thread=True, summary="A report's definition", responses=errors())
def report(office: Office, me: Me, uid: FromPath[str]) -> Response[wire.ReportBody]:
    """With who made and changed it."""
    return tagged(office.reports.report(*me, uid))


@put(REPORT, sync_to_thread=True, summary="Put a definition in a report's place", responses=errors(409, 412))
def replace_report(
    office: Office, me: Me, uid: FromPath[str], data: Definition, match: IfMatch = ""
) -> Response[wire.ReportBody]:
    """The whole report; what the body leaves out is as by default. Later runs go by it, not those that are planned."""
    return tagged(office.reports.replace(*me, uid, data, match))


@delete(REPORT, sync_to_thread=True, summary="Remove a report", responses=errors(412))
def delete_report(office: Office, me: Me, uid: FromPath[str], match: IfMatch = "") -> None:
    """What was sent of it stays in the ledger."""
    office.reports.delete(*me, uid, match)


@get(f"{REPORT}/next", sync_to_thread=True, summary="When a report goes out", responses=errors())
def moments(office: Office, me: Me, uid: FromPath[str], count: Count = 5, start: Start = "") -> wire.Moments:
    """Its next moments, and its schedule in words."""
    return office.reports.moments(*me, uid, count, start)


@post("/next", status_code=200, sync_to_thread=True, summary="When a schedule would fire", responses=errors())
def schedule_moments(office: Office, me: Me, data: JSONBody[wire.ScheduleAsked]) -> wire.Moments:
    """The next moments of a schedule that is not stored, and the schedule in words."""
    return office.reports.schedule(*me, data)


@post(
    "/",
    status_code=200,
    media_type=BYTES,
    summary="A report's documents, unsent",
    responses={**errors(422, 502, 504), 204: NOTHING},
)
async def preview(request: Asking, office: Office, me: Me, data: JSONBody[wire.PreviewAsked]) -> Response[Any]:
    """The document in its own media type; several as a zip. `X-Warnings` is a JSON list of what is not as it should be.

    Nothing is recorded or kept. Where the client goes away, it is stopped.
    """
    return await office.drawing.run(request, lambda stop: _answer(office.previews.preview(*me, data, stop)))


def _answer(made: Made) -> Response[Any]:
    headers = {"Cache-Control": "no-store"}
    if made.warnings:
        # ASCII only, and not too much, as headers are
        headers["X-Warnings"] = json.dumps([line[:300] for line in made.warnings[:TOLD]])
    if made.file is None:
        return Response(b"", status_code=204, headers=headers)
    headers["Content-Type"] = made.media_type
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made.name, safe='')}"
    headers["Content-Length"] = str(made.size)
    return Stream(Pieces(made.file), headers=headers)


ROUTERS = [
    Router(
        "/reports",
        route_handlers=[reports, create_report, report, replace_report, delete_report, moments],
        tags=["reports"],
    ),
    Router("/schedules", route_handlers=[schedule_moments], tags=["reports"]),
    Router("/previews", route_handlers=[preview], tags=["reports"]),
]
