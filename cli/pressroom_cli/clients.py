"""`pressroom clients`: API clients of the computed-results API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressroom_cli import access, console
from pressroom_cli.options import DEFAULT_PROJECT, AsJson, Limit, Project, limited

if TYPE_CHECKING:
    from pressroom.models import projects as models

ZONE = "Asia/Shanghai"
"""Of a project that is made for the results API's users, who expect it, unless they tell."""
app = typer.Typer()
group = typer.Typer(help="Clients of the computed-results API, with id and secret.", no_args_is_help=True)
app.add_typer(group, name="clients")


@group.callback()
def _group() -> None:
    """Clients of the computed-results API, with id and secret."""


@group.command(
    "create",
    epilog=console.examples(
        "pressroom clients create warehouse --project nxog09md",
        "pressroom clients create warehouse --project nxog09md --new-project --timezone Europe/Warsaw",
    ),
)
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what will use it.")],
    project: Project = DEFAULT_PROJECT,
    *,
    new_project: Annotated[bool, typer.Option("--new-project", help="Make the project where there is none.")] = False,
    timezone: Annotated[
        str, typer.Option("--timezone", metavar="ZONE", help=f"Of the project that is made; else {ZONE}.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Make a client and print what it signs in with. The secret is shown this once only; the store keeps it sealed."""
    missing = _missing(project, timezone, new_project)
    client, secret = console.open_host(context).access.create_client(access.me(), name, project, missing=missing)
    if as_json:
        console.emit({**access.shown(client), "secret": secret})
        return
    console.note("what the client signs in with; the secret is not shown again:")
    console.say(f"client_id  {client.client_id}")
    console.say(f"secret     {secret}")
    console.say(f"project    {client.project}")
    console.say(f"ai         {client.ai}")


def _missing(uid: str, timezone: str, wanted: bool) -> models.Project | None:
    from pydantic import ValidationError

    from pressroom.errors import UsageError
    from pressroom.models.projects import Project

    if not wanted:
        if timezone:
            raise UsageError("--timezone is that of a project that is made; it goes with --new-project")
        return None
    try:
        return Project(uid=uid, timezone=timezone or ZONE)
    except ValidationError as error:
        first = error.errors()[0]
        option = "--timezone" if first["loc"] == ("timezone",) else "--project"
        raise UsageError(f"{option}: {first['msg'].removeprefix('Value error, ')}") from error


@group.command("list", epilog=console.examples("pressroom clients list", "pressroom clients list --json"))
def list_clients(context: typer.Context, as_json: AsJson = False, limit: Limit = None) -> None:
    """List the clients, oldest first, ended ones too."""
    found = limited(console.open_host(context).access.clients(access.me()), limit)
    if as_json:
        console.emit([{**access.shown(client), "state": access.state(client)} for client in found])
        return
    lines = [(item.client_id, item.name, item.project, item.ai, access.state(item)) for item in found]
    console.rows(("CLIENT_ID", "NAME", "PROJECT", "AI", "STATE"), lines, "no clients")


@group.command("revoke", epilog=console.examples("pressroom clients revoke warehouse"))
def revoke(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name or client_id.")],
    as_json: AsJson = False,
) -> None:
    """End the clients of that name. Every token that they signed in for ends, too; servers follow within 5 seconds."""
    ended = console.open_host(context).access.revoke_client(access.me(), name)
    if as_json:
        console.emit([access.shown(client) for client in ended])
        return
    for client in ended:
        console.say(console.plain(f"client {client.client_id} {client.name} revoked"))
