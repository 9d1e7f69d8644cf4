"""`pressroom apply` and `pressroom export`: definitions as YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom_cli import console
from pressroom_cli.options import AsJson

if TYPE_CHECKING:
    from pressroom.definitions import Plan

app = typer.Typer()
ACTOR = "pressroom"
"""Name of who applies files, which the results API shows as a dashboard's creator."""


@app.command(
    "apply",
    epilog=console.examples(
        "pressroom apply dashboards.yaml reports.yaml",
        "pressroom apply definitions/ --dry-run      print what would change",
        "next: pressroom reports preview REPORT --out out",
    ),
)
def apply_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="YAML files, or folders of them.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would change; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read definitions: dashboards, segments, rules, reports.

    Creates or updates what the files define, and leaves everything else alone. All or nothing: every mistake
    is told at once, with file, line and field, and nothing is stored unless all of it is right.
    """
    from pressroom.definitions import HostCatalogue, apply, check, load_files, plan

    host = console.open_host(context)
    checked = check(load_files(files), HostCatalogue(host))
    done = plan(checked, host.store) if dry_run else apply(checked, host.store, by=ACTOR)
    for warning in done.warnings:
        console.note(f"warning: {console.plain(warning)}")
    if as_json:
        console.emit(_data(done, dry_run))
    else:
        _say(done, dry_run)


def _data(done: Plan, dry_run: bool) -> dict[str, Any]:
    changes = [
        {
            "project": change.project,
            "kind": change.kind,
            "uid": change.uid,
            "name": change.name,
            "action": change.action,
            "fields": list(change.fields),
        }
        for change in done.changes
    ]
    return {"applied": not dry_run, "changes": changes, "warnings": [str(warning) for warning in done.warnings]}


def _say(done: Plan, dry_run: bool) -> None:
    if dry_run:
        console.say(done.diff.rstrip("\n"))
    else:
        for change in done.changes:
            if change.action != "unchanged":
                fields = f" ({', '.join(change.fields)})" if change.fields else ""
                console.say(console.plain(f"{change.action} {change.kind} {change.uid}{fields}"))
    counts = ", ".join(f"{done.count(action)} {action}" for action in ("created", "updated", "unchanged"))
    console.note(f"{'nothing was changed; this would be: ' if dry_run else ''}{counts}")


@app.command(
    "export",
    epilog=console.examples(
        "pressroom export --out backup.yaml",
        "pressroom export weekly-flights             one report, to the terminal",
        "pressroom export --project nxog09md",
    ),
)
def export_definitions(
    context: typer.Context,
    uids: Annotated[list[str] | None, typer.Argument(metavar="UID", help="Only these; else everything.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this file.")] = None,
    project: Annotated[str, typer.Option("--project", metavar="UID", help="Only this project's; else all.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write definitions as YAML that `apply` reads back."""
    from pressroom.definitions import export

    text = export(console.open_host(context).store, project or None, uids=uids or None)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    if as_json:
        console.emit({"file": str(out) if out else None, "yaml": text})
    elif out is not None:
        console.say(f"{out} written")
    else:
        console.write(text)
