"""`pressroom runs`: the ledger, which says what was sent to whom."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom_cli import console, outcomes
from pressroom_cli.options import AsJson, Limit
from pressroom_cli.vital_checks import span

if TYPE_CHECKING:
    from pressroom.host import Host
    from pressroom.models.runs import Run

app = typer.Typer()
group = typer.Typer(help="Runs: what was sent, when, to whom, and what came of it.", no_args_is_help=True)
app.add_typer(group, name="runs")
Number = Annotated[int, typer.Argument(metavar="RUN", min=1, help="The run's id, as `pressroom runs list` shows it.")]


@group.callback()
def _group() -> None:
    """Runs: what was sent, when, to whom, and what came of it."""


@group.command(
    "list",
    epilog=console.examples(
        "pressroom runs list --limit 10",
        "pressroom runs list --report weekly-flights --json",
        "pressroom runs list --state failed --since now-1d",
    ),
)
def list_runs(
    context: typer.Context,
    *,
    project: Annotated[str, typer.Option("--project", metavar="UID", help="Only this project's.")] = "",
    report: Annotated[str, typer.Option("--report", metavar="UID", help="Only this report's.")] = "",
    state: Annotated[
        str,
        typer.Option("--state", metavar="STATE", help="Only those in it, such as failed, partly_failed or delivering."),
    ] = "",
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="Only manual, scheduled, test or alert ones.")
    ] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="Only those planned at or after it, such as now-7d.")
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Only those planned before it.")] = "",
    as_json: AsJson = False,
    limit: Limit = None,
) -> None:
    """List runs with their deliveries, the latest first."""
    from pressroom.store.runs import RunReader

    host = console.open_host(context)
    reader = host.repositories.project(project).runs if project else RunReader(host.repositories.sessions)
    found = reader.list(
        report=report or None,
        state=_state(state),
        kind=_kind(kind),
        since=_moment("--since", since),
        until=_moment("--until", until),
        limit=limit,
    )
    outcomes.list_runs(found, as_json)


@group.command("show", epilog=console.examples("pressroom runs show 7", "pressroom runs show 7 --json"))
def show_run(context: typer.Context, run: Number, as_json: AsJson = False) -> None:
    """Show one run: its documents, what failed, and each recipient."""
    found = _run(context, run)
    if as_json:
        console.emit(outcomes.run_details(found))
        return
    console.say(f"run {found.id}: {found.title or found.report} ({found.kind}), {found.state}")
    started = f"started {span(found.started_at - found.planned_at)} later" if found.started_at else "not started yet"
    finished = outcomes.moment(found.finished_at) or "not yet"
    console.say(f"planned {outcomes.moment(found.planned_at)}, {started}, finished {finished}")
    if not found.state.final:
        console.say(f"{round(100 * found.progress)} % {console.plain(found.step)}".rstrip())
    if found.timings:
        console.say(", ".join(f"{step} {seconds:.1f} s" for step, seconds in found.timings.items()))
    for document in found.documents:
        console.say(f"document: {console.plain(document.get('name'))} ({document.get('size')} bytes)")
    outcomes.say_run(found)


@group.command("documents", epilog=console.examples("pressroom runs documents 7 --out sent"))
def run_documents(
    context: typer.Context,
    run: Number,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where copies go.")] = Path("documents"),
    as_json: AsJson = False,
) -> None:
    """Copy a run's documents, and print the copies' paths. `[retention] files` says how long they are kept."""
    import shutil

    host, found = console.open_host(context), _run(context, run)
    kept = [host.press.document(found, index) for index in range(len(found.documents))]
    out.mkdir(parents=True, exist_ok=True)
    paths = [Path(shutil.copyfile(each.path, out / each.name)) for each in kept]
    if as_json:
        console.emit([str(path) for path in paths])
    for path in () if as_json else paths:
        console.say(str(path))


@group.command("retry", epilog=console.examples("pressroom runs retry 7", "pressroom runs retry 7 --include-ambiguous"))
def retry_run(
    context: typer.Context,
    run: Number,
    include_ambiguous: Annotated[
        bool, typer.Option("--include-ambiguous", help="Also those who may have got it already.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send again to those who did not get it. A run that waits goes on at once."""
    host = console.open_host(context)
    found = _run(context, run)
    host.ledger.retry(run, include_ambiguous=include_ambiguous)
    _note(host, found, "retry")
    with console.stoppable() as stop, console.progress(f"run {run}", quiet=as_json) as progress:
        done = host.press.work(run, progress=progress, cancellation=stop)
    outcomes.finish(done, outcomes.run_summary(done) if as_json else None)


@group.command("cancel", epilog=console.examples("pressroom runs cancel 7"))
def cancel_run(context: typer.Context, run: Number, as_json: AsJson = False) -> None:
    """Stop a run that is not finished. What was sent stays sent, the rest is not."""
    host = console.open_host(context)
    host.ledger.cancel(_run(context, run).id)
    found = _run(context, run)
    _note(host, found, "cancel")
    if as_json:
        console.emit(outcomes.run_summary(found))
    else:
        console.say(f"run {run}: {found.state}")


def _note(host: Host, run: Run, deed: str) -> None:
    from pressroom.access import Principal

    name = Principal.local_admin().name
    host.audit.record(name, "runs:write", project=run.project, target=f"run {run.id}", detail={"change": deed})


def _run(context: typer.Context, number: int) -> Run:
    from pressroom.store.runs import RunReader

    return RunReader(console.open_host(context).repositories.sessions).get(number)


def _state(text: str) -> Any:
    from pressroom.errors import UsageError
    from pressroom.models.runs import RunState

    if not text:
        return None
    try:
        return RunState(text)
    except ValueError:
        raise UsageError(f"--state {text!r}: no such state; there are: {', '.join(RunState)}") from None


def _kind(text: str) -> Any:
    from typing import get_args

    from pressroom.errors import UsageError
    from pressroom.models.runs import RunKind

    if text and text not in get_args(RunKind):
        raise UsageError(f"--kind {text!r}: no such kind; there are: {', '.join(get_args(RunKind))}")
    return text or None


def _moment(option: str, text: str) -> datetime | None:
    from pressroom.errors import UsageError
    from pressroom.timerange import resolve_moment

    if not text:
        return None
    try:
        return resolve_moment(text, now=datetime.now(UTC), zone="UTC")
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error
