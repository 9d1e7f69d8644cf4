"""`pressroom projects`: the tenants of the workspace."""

from __future__ import annotations

import typer

from pressroom_cli import console
from pressroom_cli.options import AsJson, Limit

app = typer.Typer()
group = typer.Typer(help="Projects: tenants that share nothing but the workspace.", no_args_is_help=True)
app.add_typer(group, name="projects")


@group.callback()
def _group() -> None:
    """Projects: tenants that share nothing but the workspace."""


@group.command("list", epilog=console.examples("pressroom projects list", "pressroom projects list --json"))
def list_projects(context: typer.Context, as_json: AsJson = False, limit: Limit = None) -> None:
    """List the projects, oldest first. `pressroom apply` makes the one that a file names."""
    found = console.open_host(context).repositories.projects.list(limit)
    if as_json:
        console.emit([{"id": item.id, **item.value.model_dump(mode="json")} for item in found])
        return
    lines = [(item.id, item.uid, item.value.name, item.value.timezone, item.value.locale) for item in found]
    console.rows(("ID", "UID", "NAME", "TIMEZONE", "LOCALE"), lines, "no projects")
