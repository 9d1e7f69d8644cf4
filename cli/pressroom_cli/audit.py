"""`pressroom audit`: who did what in this workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressroom_cli import console, outcomes
from pressroom_cli.options import AsJson, Limit

if TYPE_CHECKING:
    from pressroom.models.audit import AuditEntry

app = typer.Typer()
group = typer.Typer(help="The audit log: who did what, when.", no_args_is_help=True)
app.add_typer(group, name="audit")


@group.callback()
def _group() -> None:
    """The audit log: who did what, when."""


@group.command(
    "list", epilog=console.examples("pressroom audit list --limit 20", "pressroom audit list --project default --json")
)
def list_entries(
    context: typer.Context,
    project: Annotated[str, typer.Option("--project", metavar="UID", help="Only this project's.")] = "",
    as_json: AsJson = False,
    limit: Limit = None,
) -> None:
    """List changes, sendings and refusals, the latest first. `[retention] audit` says how long they are kept."""
    host = console.open_host(context)
    if project:
        host.repositories.projects.get(project)
    found = host.audit.list(project, limit)
    if as_json:
        console.emit(found)
        return
    lines = [(outcomes.moment(item.at), item.actor, _did(item), item.project, item.target) for item in found]
    console.rows(("AT", "WHO", "DID", "PROJECT", "TO"), lines, "nothing yet")


def _did(entry: AuditEntry) -> str:
    return f"refused {entry.action}" if entry.detail.get("refused") else entry.action
