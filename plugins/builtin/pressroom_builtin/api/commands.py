"""`pressroom drafts` and `pressroom deliveries`: what `/api/v1` has beyond the other commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pressroom_builtin.grafana.report_commands import keep, read_body, say_documents
from pressroom_cli import console
from pressroom_cli.options import DEFAULT_PROJECT, AsJson, Limit, Project

drafts = typer.Typer(help="Reports and schedules that are not stored yet.", no_args_is_help=True)
deliveries = typer.Typer(help="Deliveries: who got what, over all runs.", no_args_is_help=True)
app = typer.Typer()
app.add_typer(drafts, name="drafts")
app.add_typer(deliveries, name="deliveries")
PAGE = 500
DraftFile = Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON; - for stdin.")]
Since = Annotated[str, typer.Option("--since", metavar="TIME", help="Of runs planned at or after it, such as now-7d.")]
Until = Annotated[str, typer.Option("--until", metavar="TIME", help="Of runs planned before it.")]


@drafts.callback()
def _drafts() -> None:
    """Reports and schedules that are not stored yet."""


@deliveries.callback()
def _deliveries() -> None:
    """Deliveries: who got what, over all runs."""


@drafts.command(
    "preview",
    epilog=console.examples(
        "pressroom drafts preview report.yaml --out out",
        "pressroom drafts preview report.yaml --out out --format pdf --format image",
    ),
)
def preview_draft(
    context: typer.Context,
    file: DraftFile,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the documents go.")] = Path("preview"),
    formats: Annotated[
        list[str] | None, typer.Option("--format", metavar="NAME", help="Instead of its own; may be repeated.")
    ] = None,
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """Write the documents of a definition into a folder. Nothing is stored or sent."""
    import tempfile

    from pressroom import Context, Principal
    from pressroom_builtin.api.previews import Previews
    from pressroom_builtin.api.report_wire import PreviewAsked

    host = console.open_host(context)
    asked = PreviewAsked(report=host.read_definition(read_body(file)), formats=list(formats or ()))
    limit = host.settings.limits.run_seconds
    with (
        tempfile.TemporaryDirectory(prefix="pressroom-") as work,
        console.stoppable() as stop,
        console.progress(file, as_json) as progress,
    ):
        within = Context(Path(work), timeout=limit, cancellation=stop, progress=progress)
        made = Previews(host).make(Principal.local_admin(), project, asked, within)
        paths = keep(made, Path(work), out)
    say_documents(made, paths, as_json)


@drafts.command(
    "next",
    epilog=console.examples(
        "pressroom drafts next schedule.yaml -n 12",
        "echo '{frequency: monthly, day_of_month: last, start: \"2027-01-31T09:00:00Z\"}' | pressroom drafts next -",
    ),
)
def next_of_draft(
    context: typer.Context,
    file: DraftFile,
    *,
    count: Annotated[int, typer.Option("-n", "--count", min=1, max=1000, help="How many moments.")] = 5,
    start: Annotated[
        str, typer.Option("--from", metavar="TIME", help="At or after it; without an offset in the schedule's zone.")
    ] = "now",
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """List when a schedule, or a report's definition, would go out."""
    from pressroom import Principal
    from pressroom_builtin.api.report_wire import ScheduleAsked
    from pressroom_builtin.api.reports import Reports

    host = console.open_host(context)
    said = host.read_definition(read_body(file))
    asked = ScheduleAsked(schedule=said.get("schedule", said), count=count, start=start)
    found = Reports(host).schedule(Principal.local_admin(), project, asked)
    if as_json:
        console.emit(found)
        return
    console.note(found.sentence)
    for warning in found.warnings:
        console.note(f"warning: {warning.field}: {warning.message}")
    for moment in found.moments:
        console.say(moment)


@deliveries.command(
    "list",
    epilog=console.examples(
        "pressroom deliveries list --state refused --since now-7d",
        "pressroom deliveries list --recipient ann@example.org --json",
    ),
)
def list_deliveries(
    context: typer.Context,
    *,
    report: Annotated[str, typer.Option("--report", metavar="UID", help="Only of this report.")] = "",
    run: Annotated[int | None, typer.Option("--run", metavar="RUN", help="Only of this run.")] = None,
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help="Only those in it, such as sent, refused or ambiguous.")
    ] = "",
    channel: Annotated[str, typer.Option("--channel", metavar="NAME", help="Only by this channel.")] = "",
    recipient: Annotated[str, typer.Option("--recipient", metavar="ADDRESS", help="Only to this address.")] = "",
    since: Since = "",
    until: Until = "",
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
    limit: Limit = None,
) -> None:
    """List deliveries, the latest first."""
    from pressroom_builtin.api.runs import RunsAsked

    asked = RunsAsked(
        report=report, state=state, since=since, until=until, run=run, channel=channel, recipient=recipient
    )
    found = _all(context, project, asked, limit)
    if as_json:
        console.emit(found)
        return
    lines = [
        (each.run, each.report, each.channel, each.recipient, each.state, f"{each.code or ''} {each.answer}".strip())
        for each in found
    ]
    console.rows(("RUN", "REPORT", "CHANNEL", "RECIPIENT", "STATE", "ANSWER"), lines, "no deliveries")


def _all(context: typer.Context, project: str, asked: Any, limit: int | None) -> list[Any]:
    """The deliveries of all pages, up to a limit."""
    from pressroom import Principal
    from pressroom_builtin.api.runs import Runs

    api, me, cursor = Runs(console.open_host(context)), Principal.local_admin(), ""
    found: list[Any] = []
    while True:
        size = PAGE if limit is None else min(PAGE, limit - len(found))
        page = api.deliveries(me, project, asked, limit=size, cursor=cursor)
        found += page.items
        if page.next is None or len(found) == limit:
            return found
        cursor = page.next
