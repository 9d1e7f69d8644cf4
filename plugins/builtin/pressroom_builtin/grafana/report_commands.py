"""`pressroom reports`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom_cli import console, outcomes
from pressroom_cli.options import DEFAULT_PROJECT, AsJson, Limit, Project, limited

if TYPE_CHECKING:
    from pressroom import Preview, Principal
    from pressroom_builtin.grafana.service import Reporting

reports = typer.Typer(help="Reports: look at them, send them, change them.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="REPORT", help="The report's uid or id.")]
AsRecipient = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="ADDRESS",
        help="Where recipients come from a query: as this one of them gets it; default: the first.",
    ),
]
Key = Annotated[
    str, typer.Option("--key", metavar="KEY", help="Any text; the same one sends once only, however often it is tried.")
]
BodyFile = Annotated[str, typer.Argument(metavar="FILE", help="JSON as the reporting API takes it; - for stdin.")]


@reports.callback()
def _group() -> None:
    """Reports: look at them, send them, change them."""


def service(context: typer.Context) -> tuple[Reporting, Principal]:
    """The reporting API's service, and the person at this machine."""
    from pressroom import Principal
    from pressroom_builtin.grafana.service import Reporting

    return Reporting(console.open_host(context)), Principal.local_admin()


def read_body(file: str) -> bytes:
    """A file's bytes, or those of standard input for `-`."""
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


@reports.command("list", epilog=console.examples("pressroom reports list", "pressroom reports list --json --limit 5"))
def list_reports(
    context: typer.Context,
    project: Project = DEFAULT_PROJECT,
    dashboard: Annotated[str, typer.Option("--dashboard", metavar="UID", help="Only those that show it.")] = "",
    as_json: AsJson = False,
    limit: Limit = None,
) -> None:
    """List the reports."""
    api, me = service(context)
    found = api.of_dashboard(me, project, dashboard) if dashboard else api.reports(me, project)
    found = limited(found, limit)
    if as_json:
        console.emit(found)
        return
    from pressroom_builtin.grafana.schedule_commands import in_words

    lines = [
        (
            item.id,
            item.uid,
            item.name,
            item.state,
            in_words(context, project, item.uid),
            ",".join(item.formats),
            item.recipients,
        )
        for item in found
    ]
    headers = ("ID", "UID", "NAME", "STATE", "SCHEDULE", "FORMATS", "RECIPIENTS")
    console.rows(headers, lines, "no reports yet; define some and run: pressroom apply FILE")


@reports.command("show", epilog=console.examples("pressroom reports show weekly-flights", "pressroom reports show 3"))
def show_report(
    context: typer.Context, report: Name, project: Project = DEFAULT_PROJECT, as_json: AsJson = False
) -> None:
    """Show one report as the reporting API has it. `pressroom export REPORT` shows its definition."""
    import msgspec

    api, me = service(context)
    found = api.report(me, project, api.number(me, project, report))
    if as_json:
        console.emit(found)
        return
    from pressroom_builtin.grafana.schedule_commands import in_words

    console.say(f"goes out: {in_words(context, project, found.uid)}")
    for key, value in msgspec.to_builtins(found).items():
        shown = value if isinstance(value, str | int) or value is None else msgspec.json.encode(value).decode()
        console.say(f"{key}: {console.plain(shown)}")


@reports.command(
    "create",
    epilog=console.examples("pressroom reports create report.json", "generate-report | pressroom reports create -"),
)
def create_report(
    context: typer.Context, file: BodyFile, project: Project = DEFAULT_PROJECT, as_json: AsJson = False
) -> None:
    """Create a report from the reporting API's JSON."""
    api, me = service(context)
    done = api.create(me, project, read_body(file))
    if as_json:
        console.emit(done)
    else:
        console.say(f"{done.message}: {done.id}")


@reports.command("update", epilog=console.examples("pressroom reports update weekly-flights report.json"))
def update_report(
    context: typer.Context, report: Name, file: BodyFile, project: Project = DEFAULT_PROJECT, as_json: AsJson = False
) -> None:
    """Replace a report by the reporting API's JSON. What that cannot say stays as it is."""
    api, me = service(context)
    done = api.update(me, project, api.number(me, project, report), read_body(file))
    console.emit(done) if as_json else console.say(done.message)


@reports.command("delete", epilog=console.examples("pressroom reports delete weekly-flights"))
def delete_report(
    context: typer.Context, report: Name, project: Project = DEFAULT_PROJECT, as_json: AsJson = False
) -> None:
    """Remove a report. What it sent stays in `pressroom runs list`."""
    api, me = service(context)
    done = api.delete(me, project, api.number(me, project, report))
    console.emit(done) if as_json else console.say(done.message)


@reports.command(
    "send",
    epilog=console.examples(
        "pressroom reports send weekly-flights                       to everybody it names",
        "pressroom reports send weekly-flights --to me@example.org   to somebody else",
        "next: pressroom runs list",
    ),
)
def send_report(
    context: typer.Context,
    report: Name,
    *,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="ADDRESS", help="Mail it here instead; may be repeated.")
    ] = None,
    of: AsRecipient = "",
    key: Key = "",
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """Send a report now, and tell what came of each recipient. Exits with 1 where something failed."""
    from pressroom import Once
    from pressroom_builtin.grafana import wire

    api, me = service(context)
    number = api.number(me, project, report)
    addresses = ",".join(to or ())
    with console.stoppable() as stop, console.progress(f"sending {report}", quiet=as_json) as progress:
        run = api.send(
            me,
            project,
            number,
            emails=addresses,
            use_emails_from_report=True,
            of=of,
            key=Once.of(me, key, number, addresses, of) if key else "",
            progress=progress,
            cancellation=stop,
        )
    outcomes.finish(run, wire.SENT if as_json else None)


@reports.command(
    "test",
    epilog=console.examples("pressroom reports test report.json      mail a report that is not stored"),
)
def send_test(
    context: typer.Context, file: BodyFile, project: Project = DEFAULT_PROJECT, as_json: AsJson = False
) -> None:
    """Mail a report that is not stored. It is the reporting API's JSON, and goes out once."""
    from pressroom_builtin.grafana import wire

    api, me = service(context)
    with console.stoppable() as stop, console.progress("sending a test", quiet=as_json) as progress:
        run = api.test(me, project, read_body(file), progress=progress, cancellation=stop)
    outcomes.finish(run, wire.TESTED if as_json else None)


@reports.command(
    "preview",
    epilog=console.examples(
        "pressroom reports preview weekly-flights --out out",
        "pressroom reports preview weekly-flights --out out --format pdf --format image",
    ),
)
def preview_report(
    context: typer.Context,
    report: Name,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the documents go.")] = Path("preview"),
    formats: Annotated[
        list[str] | None, typer.Option("--format", metavar="NAME", help="Instead of its own; may be repeated.")
    ] = None,
    of: AsRecipient = "",
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """Write a report's documents into a folder. Prints their paths; nothing is sent."""
    import tempfile

    api, me = service(context)
    number = api.number(me, project, report)
    with tempfile.TemporaryDirectory(prefix="pressroom-") as work, console.progress(f"{report}", as_json) as progress:
        made = api.preview(me, project, number, Path(work), formats=formats or (), of=of, progress=progress)
        paths = keep(made, Path(work), out)
    say_documents(made, paths, as_json)


def keep(made: Preview, work: Path, out: Path) -> list[Path]:
    """The documents under their own names in the folder `out`."""
    import shutil

    from pressroom import safe_names

    out.mkdir(parents=True, exist_ok=True)
    named = zip(safe_names(made.documents), made.documents, strict=True)
    return [Path(shutil.copyfile(work / item.path, out / name)) for name, item in named]


def say_documents(made: Preview, paths: list[Path], as_json: bool) -> None:
    """Print paths, warnings and what failed; exit with 1 where something did."""
    if as_json:
        console.emit(
            {
                "documents": [str(path) for path in paths],
                "warnings": list(made.warnings),
                "errors": list(made.errors),
            }
        )
    else:
        for path in paths:
            console.say(str(path))
        for line in made.warnings:
            console.note(f"warning: {console.plain(line)}")
    if not paths and not made.errors:
        console.note("there is nothing to write: no chart of it gives a document of this format")
    if made.errors:
        for line in made.errors:
            console.error(console.plain(line))
        raise typer.Exit(1)


@reports.command("runs", epilog=console.examples("pressroom reports runs weekly-flights --limit 5"))
def report_runs(
    context: typer.Context,
    report: Name,
    project: Project = DEFAULT_PROJECT,
    as_json: AsJson = False,
    limit: Limit = None,
) -> None:
    """List what was sent of a report, the latest first."""
    api, me = service(context)
    number = api.number(me, project, report)
    uid = api.report(me, project, number).uid
    outcomes.list_runs(
        console.open_host(context).repositories.project(project).runs.list(report=uid, limit=limit), as_json
    )
