"""`/api/v1/runs`, `/deliveries` and `/reports/UID/send` over HTTP."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import File

from pressroom_builtin.api import run_wire as wire
from pressroom_builtin.api.base_routes import Asking, Me, Office, Part, errors, linked
from pressroom_builtin.api.report_wire import SendAsked
from pressroom_builtin.api.runs import RunsAsked
from pressroom_server.once import IdempotencyKey, once

RUN = "/{number:int}"
Stands = Annotated[
    str, QueryParameter(name="state", description="Only those that stand there, such as failed, or refused.")
]
KindOf = Annotated[str, QueryParameter(description="Only those of that kind, such as scheduled.")]
OfRun = Annotated[int | None, QueryParameter(description="Number of one run.")]
By = Annotated[str, QueryParameter(description="Name of a channel.")]
To = Annotated[str, QueryParameter(description="Address of a recipient.")]
Filter = NamedDependency[RunsAsked]
OfReport = Annotated[str, QueryParameter(description="Uid of one report, also of one that is deleted.")]
Since = Annotated[str, QueryParameter(description="Planned at or after it: RFC 3339, or such as `now-7d`.")]
Until = Annotated[str, QueryParameter(description="Planned before it.")]


def runs_asked(
    report: OfReport = "", stands: Stands = "", kind: KindOf = "", since: Since = "", until: Until = ""
) -> RunsAsked:
    """Which runs."""
    return RunsAsked(report=report, state=stands, kind=kind, since=since, until=until)


def deliveries_asked(
    *,
    report: OfReport = "",
    stands: Stands = "",
    since: Since = "",
    until: Until = "",
    run: OfRun = None,
    channel: By = "",
    recipient: To = "",
) -> RunsAsked:
    """Which deliveries."""
    return RunsAsked(
        report=report, state=stands, since=since, until=until, run=run, channel=channel, recipient=recipient
    )


@get(
    "/runs",
    sync_to_thread=True,
    summary="Runs, the latest planned first",
    responses=errors(),
    dependencies={"asked": Provide(runs_asked, sync_to_thread=False)},
)
def runs(request: Asking, office: Office, me: Me, asked: Filter, page: Part) -> Response[wire.RunPage]:
    """Of a project, or of one report; in a state, of a kind, planned in a range of time."""
    return linked(request, office.runs.runs(*me, asked, limit=page.limit, cursor=page.cursor))


@get(f"/runs{RUN}", sync_to_thread=True, summary="A run with its deliveries", responses=errors())
def run(office: Office, me: Me, number: FromPath[int]) -> wire.RunDetails:
    """How far it is, what failed, and each recipient."""
    return office.runs.run(*me, number)


@get(
    f"/runs{RUN}/documents/{{index:int}}",
    sync_to_thread=True,
    media_type="application/octet-stream",
    summary="A document of a run",
    responses=errors(410),
)
def document(office: Office, me: Me, number: FromPath[int], index: FromPath[int]) -> File:
    """In its own media type, while it is kept."""
    found = office.runs.document(*me, number, index)
    headers = {"Content-Type": found.document.media_type}
    return File(found.path, filename=found.name, headers=headers, content_disposition_type="attachment")


@post(f"/runs{RUN}/retry", status_code=202, sync_to_thread=True, summary="Send again", responses=errors(409, 422))
def retry(
    office: Office,
    me: Me,
    number: FromPath[int],
    data: JSONBody[wire.RetryAsked | None] = None,
    key: IdempotencyKey = "",
) -> wire.RunDetails:
    """To those who did not get it; or go on at once with a run that waits. A key is known until the next retry."""
    asked = data or wire.RetryAsked()
    return office.runs.retry(*me, number, asked, once(me.principal, key, "retry", number, asked.include_ambiguous))


@post(f"/runs{RUN}/cancel", status_code=200, sync_to_thread=True, summary="Stop a run", responses=errors(409))
def cancel(office: Office, me: Me, number: FromPath[int]) -> wire.RunDetails:
    """What was sent stays sent, the rest is not."""
    return office.runs.cancel(*me, number)


@post("/reports/{uid:str}/send", status_code=202, sync_to_thread=True, summary="Send now", responses=errors(409, 422))
def send(
    office: Office,
    me: Me,
    uid: FromPath[str],
    data: JSONBody[SendAsked | None] = None,
    key: IdempotencyKey = "",
) -> Response[wire.RunDetails]:
    """To whom the report says, or to the deliveries of the body; gives the run, whose address is in `Location`.

    It is made and sent as scheduled ones are, whether or not the client waits.
    """
    asked = data or SendAsked()
    planned = office.runs.send(*me, uid, asked, once(me.principal, key, "send", uid, asked.deliveries))
    return Response(planned, headers={"Location": f"/api/v1/runs/{planned.id}"})


@get(
    "/deliveries",
    sync_to_thread=True,
    summary="Deliveries, the latest first",
    responses=errors(),
    dependencies={"asked": Provide(deliveries_asked, sync_to_thread=False)},
)
def deliveries(request: Asking, office: Office, me: Me, asked: Filter, page: Part) -> Response[wire.DeliveryPage]:
    """Each recipient on each channel: of a project, a report or a run; in a state, by a channel, to a recipient."""
    return linked(request, office.runs.deliveries(*me, asked, limit=page.limit, cursor=page.cursor))


ROUTERS = [Router("/", route_handlers=[runs, run, document, retry, cancel, send, deliveries], tags=["runs"])]
