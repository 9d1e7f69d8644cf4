"""`pressroom users`: people who sign in with a password."""

from __future__ import annotations

from typing import Annotated

import typer

from pressroom_cli import access, console
from pressroom_cli.options import DEFAULT_PROJECT, AsJson, Limit, limited

app = typer.Typer()
group = typer.Typer(help="Users, who sign in with a password.", no_args_is_help=True)
app.add_typer(group, name="users")
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The name to sign in with.")]


@group.callback()
def _group() -> None:
    """Users, who sign in with a password."""


@group.command(
    "create",
    epilog=console.examples(
        "pressroom users create ann --role editor          asks for the password",
        "pass show ann | pressroom users create ann        takes the first line of what is piped in",
    ),
)
def create(
    context: typer.Context,
    login: Login,
    *,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="viewer, editor or admin.")] = "viewer",
    project: access.ProjectOrAll = DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> None:
    """Make a user. The password is asked for, or read from standard input; the store keeps a hash of it."""
    host = console.open_host(context)
    user = host.access.create_user(
        access.me(), login, access.ask_password(), role=role, project=access.project_uid(project)
    )
    if as_json:
        console.emit(access.shown(user))
    else:
        console.say(console.plain(f"user {user.login} created: {user.role} of {user.project or 'all projects'}"))


@group.command("list", epilog=console.examples("pressroom users list", "pressroom users list --json"))
def list_users(context: typer.Context, as_json: AsJson = False, limit: Limit = None) -> None:
    """List the users, oldest first."""
    found = limited(console.open_host(context).access.users(access.me()), limit)
    if as_json:
        console.emit([access.shown(user) for user in found])
        return
    lines = [(user.id, user.login, user.role, user.project or access.EVERY) for user in found]
    console.rows(("ID", "LOGIN", "ROLE", "PROJECT"), lines, "no users")


@group.command("password", epilog=console.examples("pressroom users password ann"))
def password(context: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """Give a user another password. Running servers follow within 5 seconds."""
    host = console.open_host(context)
    user = host.access.set_password(access.me(), login, access.ask_password())
    if as_json:
        console.emit(access.shown(user))
    else:
        console.say(console.plain(f"user {user.login} has another password"))


@group.command("delete", epilog=console.examples("pressroom users delete ann"))
def delete(context: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """Remove a user. Running servers follow within 5 seconds."""
    user = console.open_host(context).access.delete_user(access.me(), login)
    if as_json:
        console.emit(access.shown(user))
    else:
        console.say(console.plain(f"user {user.login} deleted"))
