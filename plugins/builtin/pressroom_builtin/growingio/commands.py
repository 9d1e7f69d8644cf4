"""`pressroom dashboards`, `charts`, `segments` and `rules`: one command for each operation of the results API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pressroom_cli import console
from pressroom_cli.options import DEFAULT_PROJECT, AsJson, Limit, Project, limited

if TYPE_CHECKING:
    from pressroom import Principal
    from pressroom_builtin.growingio.desk import Listed
    from pressroom_builtin.growingio.service import Results

app = typer.Typer()
dashboards = typer.Typer(help="Dashboards: list, look at, and render them without a report.", no_args_is_help=True)
charts = typer.Typer(help="The numbers behind charts.", no_args_is_help=True)
segments = typer.Typer(help="Segments: groups of users that a query finds.", no_args_is_help=True)
rules = typer.Typer(help="Event rules: how the events of a product are named.", no_args_is_help=True)
for _name, _group in (("dashboards", dashboards), ("charts", charts), ("segments", segments), ("rules", rules)):
    # a callback keeps a group a group, even with one command only
    _group.callback()(lambda: None)
    app.add_typer(_group, name=_name)
Uid = Annotated[str, typer.Argument(metavar="UID", help="As `list` shows it; a chart's as `dashboards show` does.")]


def service(context: typer.Context) -> tuple[Results, Principal]:
    """The results API's service, and the person at this machine."""
    from pressroom import Principal
    from pressroom_builtin.growingio.service import Results

    return Results(console.open_host(context)), Principal.local_admin()


def show_list(found: Listed[Any], columns: Mapping[str, str], empty: str, *, limit: int | None, as_json: bool) -> None:
    """Print a list of the service's, as JSON or as a table of headers and fields; warnings go beside it."""
    warn(found.warnings)
    items = limited(found.items, limit)
    if as_json:
        console.emit(items)
        return
    lines = [[getattr(item, name) for name in columns.values()] for item in items]
    console.rows(list(columns), lines, empty)


def warn(sentences: Iterable[str]) -> None:
    """Say on standard error what an answer cannot say."""
    for sentence in sentences:
        console.note(f"warning: {sentence}")


@dashboards.command("list", epilog=console.examples("pressroom dashboards list", "pressroom dashboards list --json"))
def list_dashboards(
    context: typer.Context, project: Project = DEFAULT_PROJECT, as_json: AsJson = False, limit: Limit = None
) -> None:
    """List the dashboards, the latest change first."""
    api, me = service(context)
    empty = "no dashboards yet; define some and run: pressroom apply FILE"
    show_list(
        api.dashboards(me, project),
        {"UID": "id", "NAME": "name", "CREATED": "created_at", "UPDATED": "updated_at", "CREATOR": "creator"},
        empty,
        limit=limit,
        as_json=as_json,
    )


@dashboards.command("show", epilog=console.examples("pressroom dashboards show flights-nyc"))
def show_dashboard(
    context: typer.Context, uid: Uid, project: Project = DEFAULT_PROJECT, as_json: AsJson = False
) -> None:
    """Show a dashboard's charts. `pressroom export UID` shows its definition."""
    api, me = service(context)
    found = api.dashboard(me, project, uid)
    if as_json:
        console.emit(found)
        return
    console.say(console.plain(f"{found.id}: {found.name}"))
    console.rows(("CHART", "NAME"), [(chart.id, chart.name) for chart in found.charts], "it has no charts")


@dashboards.command(
    "render",
    epilog=console.examples(
        "pressroom dashboards render flights-nyc --out out",
        "pressroom dashboards render flights-nyc year-nyc --format csv",
    ),
)
def render_dashboards(
    context: typer.Context,
    uids: Annotated[list[str], typer.Argument(metavar="UID", help="Several go into one PDF.")],
    *,
    format_: Annotated[str, typer.Option("--format", metavar="NAME", help="Such as pdf, csv, xlsx or html.")] = "pdf",
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the documents go.")] = Path(),
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="On the pages, and the file's name.")] = "",
    orientation: Annotated[
        Literal["landscape", "portrait"], typer.Option("--orientation", help="Of the pages.")
    ] = "landscape",
    layout: Annotated[
        Literal["grid", "simple"],
        typer.Option("--layout", help="grid: as on the dashboard; simple: one chart below the other."),
    ] = "grid",
    scale: Annotated[
        int, typer.Option("--scale", min=25, max=400, metavar="PERCENT", help="Size of texts and marks.")
    ] = 100,
    include_tables: Annotated[
        bool, typer.Option("--include-tables", help="Whole tables at the end of the PDF.")
    ] = False,
    start: Annotated[
        str, typer.Option("--from", metavar="TIME", help="Range instead of their own, such as now-7d/d; with --to.")
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="Its end, such as now/d; exclusive.")] = "",
    variables: Annotated[
        list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="A variable's value; may be repeated.")
    ] = None,
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """Write dashboards as documents, without a report. Prints their paths."""
    import tempfile

    from pressroom import PluginUse
    from pressroom_builtin.grafana.report_commands import keep, say_documents, service as reporting

    api, me = reporting(context)
    use = PluginUse(name=format_, options={"tables": "append"} if include_tables and format_ == "pdf" else {})
    said = {"timeRange": {"from": start, "to": end}, "reportVariables": values_of(variables or [])}
    chosen = [{"dashboard": {"uid": uid}, **said} for uid in uids]
    with tempfile.TemporaryDirectory(prefix="pressroom-") as work, console.progress(uids[0], as_json) as progress:
        made = api.render(
            me,
            project,
            chosen,
            Path(work),
            use,
            title=title,
            orientation=orientation,
            layout=layout,
            scale_factor=scale,
            progress=progress,
        )
        paths = keep(made, Path(work), out)
    say_documents(made, paths, as_json)


def values_of(variables: list[str]) -> dict[str, list[str]]:
    """Chosen values by variable, of `NAME=VALUE` each.

    Raises:
        UsageError: one has no `=`.
    """
    from pressroom import UsageError

    found: dict[str, list[str]] = {}
    for text in variables:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--var {text!r}: write NAME=VALUE")
        found.setdefault(name, []).append(value)
    return found


@charts.command(
    "data",
    epilog=console.examples(
        "pressroom charts data rQ4zVd81                      the range of its dashboard, by day",
        "pressroom charts data rQ4zVd81 --format csv --out departures.csv",
        "pressroom charts data rQ4zVd81 --start 1357016400000 --end 1359608400000 --interval 3600000",
        "pressroom charts data rQ4zVd81 --v2                 with whom it is about, as the API's second version",
    ),
)
def chart_data(
    context: typer.Context,
    uid: Uid,
    *,
    start: Annotated[
        int | None, typer.Option("--start", metavar="MS", help="First moment, epoch milliseconds; with --end.")
    ] = None,
    end: Annotated[
        int | None, typer.Option("--end", metavar="MS", help="Last moment: its bucket is whole; with --start.")
    ] = None,
    interval: Annotated[
        int | None, typer.Option("--interval", metavar="MS", help="Width of a bucket; a day where absent.")
    ] = None,
    format_: Annotated[
        Literal["json", "csv", "ndjson", "xlsx"], typer.Option("--format", help="json is the results API's answer.")
    ] = "json",
    v2: Annotated[
        bool, typer.Option("--v2", help="The answer of /v2: whom it is about first; for a number the period before.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="ROWS", help="Rows of a page; all where absent.")
    ] = None,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="CURSOR", help="The next page; with --limit.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where it goes; else to stdout.")] = None,
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """Print the numbers behind a chart, as the results API computes them."""
    from pressroom_builtin.growingio.buckets import DAY, Asked
    from pressroom_builtin.growingio.parameters import read_page

    api, me = service(context)
    asked, page = Asked(start, end, DAY if interval is None else interval), read_page(limit, cursor)
    with api.chart(me, project, uid, asked, audience=v2) as answer, console.binary(out) as stream:
        page.check(answer.tag)
        warn(answer.warnings)
        stream.writelines(answer.pieces("json" if as_json else format_, page.offset, page.limit))
        if as_json or format_ == "json":
            stream.write(b"\n")
        following = page.next(answer.rows.total, answer.tag)
        if following:
            console.note(f"there are {answer.rows.total} rows; the next ones: --limit {limit} --cursor {following}")
    if out is not None:
        console.note(f"{out} written")


@segments.command("list", epilog=console.examples("pressroom segments list", "pressroom segments list --json"))
def list_segments(
    context: typer.Context, project: Project = DEFAULT_PROJECT, as_json: AsJson = False, limit: Limit = None
) -> None:
    """List the segments with the number of their users, counted now."""
    api, me = service(context)
    show_list(
        api.segments(me, project),
        {"UID": "id", "NAME": "name", "TYPE": "user_type", "USERS": "user_num", "COUNTED": "updated_at"},
        "no segments",
        limit=limit,
        as_json=as_json,
    )


@segments.command("users", epilog=console.examples("pressroom segments users frequent > users.tsv"))
def segment_users(
    context: typer.Context,
    uid: Uid,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where it goes; else to stdout.")] = None,
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """Print a segment's users, one a line. With tabs between the columns; with --json an object a line."""
    from pressroom_builtin.growingio.text import users_json, users_text

    api, me = service(context)
    with api.users(me, project, uid) as users, console.binary(out) as stream:
        for piece in users_json(users.frames) if as_json else users_text(users.frames, users.separator):
            stream.write(piece)


@rules.command("list", epilog=console.examples("pressroom rules list", "pressroom rules list --json"))
def list_rules(
    context: typer.Context, project: Project = DEFAULT_PROJECT, as_json: AsJson = False, limit: Limit = None
) -> None:
    """Print the event rules, one a line, with tabs between the columns."""
    from pressroom_builtin.growingio.text import rules_text

    api, me = service(context)
    found = limited(api.rules(me, project), limit)
    if as_json:
        console.emit(found)
    else:
        console.write(rules_text(found, api.separator(me, project)).decode())
