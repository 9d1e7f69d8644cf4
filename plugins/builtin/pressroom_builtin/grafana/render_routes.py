"""`/api/reports/render`: dashboards as PDF, or their tables as CSV, for whoever may read them."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import quote

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from pressroom_builtin.grafana.door_routes import Caller
from pressroom_builtin.grafana.operation_routes import CsvOperation, PdfOperation
from pressroom_builtin.grafana.refusal_routes import documented
from pressroom_builtin.grafana.rendering import File

MOST_NOTES, LONGEST_NOTE = 10, 100
Me = NamedDependency[Caller]
Dashboards = Annotated[
    str, QueryParameter(description="A JSON array of dashboards as in a report, each with its range and variables.")
]
Title = Annotated[str, QueryParameter(description="Of the document.")]
Orientation = Annotated[str, QueryParameter(description="`landscape` or `portrait`.")]
Layout = Annotated[str, QueryParameter(description="`grid` or `simple`.")]
Scale = Annotated[str, QueryParameter(name="scaleFactor", description="Percent; 100 where it is absent.")]
Tables = Annotated[str, QueryParameter(name="includeTables", description="`true` for all rows of tables at the end.")]


@get("/render/pdfs", operation_class=PdfOperation, summary="Render dashboards as one PDF", responses=documented(400))
async def pdfs(
    me: Me,
    *,
    dashboards: Dashboards = "",
    title: Title = "",
    orientation: Orientation = "",
    layout: Layout = "",
    scale: Scale = "",
    tables: Tables = "",
) -> Response[bytes]:
    """A panel that fails is a box that says so."""

    def work() -> File:
        return me.api.pdf(
            *me.at(),
            dashboards,
            title=title,
            orientation=orientation,
            layout=layout,
            scale_factor=scale,
            include_tables=tables,
        )

    return _reply(await me.desk.renders.do(work), "application/pdf")


@get("/render/csvs", operation_class=CsvOperation, summary="The tables of dashboards as CSV", responses=documented(400))
async def csvs(me: Me, *, dashboards: Dashboards = "", title: Title = "") -> Response[bytes]:
    """A ZIP with a file for each table panel."""
    made = await me.desk.renders.do(lambda: me.api.csv_archive(*me.at(), dashboards, title=title))
    return Response(b"", status_code=204) if made is None else _reply(made, "application/zip")


def _reply(made: File, media_type: str) -> Response[bytes]:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(made.name, safe='')}"}
    if made.notes:
        # ASCII only, as headers are, and never more of it than clients read
        headers["X-Warnings"] = json.dumps([note[:LONGEST_NOTE] for note in made.notes[:MOST_NOTES]])
    return Response(made.data, media_type=media_type, headers=headers)
