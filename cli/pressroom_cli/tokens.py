"""`pressroom tokens`: API tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from pressroom_cli import access, console
from pressroom_cli.options import AsJson, Limit, limited

app = typer.Typer()
group = typer.Typer(help="API tokens: for programs that ask over HTTP.", no_args_is_help=True)
app.add_typer(group, name="tokens")


@group.callback()
def _group() -> None:
    """API tokens: for programs that ask over HTTP."""


@group.command(
    "create",
    epilog=console.examples(
        "pressroom tokens create dashboards-of-shop --role viewer --project shop --expires 90d",
        "pressroom tokens create sender --permission reports:send=reports:id:7 --permission reports:read",
        "then: curl -H 'Authorization: Bearer TOKEN' http://127.0.0.1:8000/...",
    ),
)
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what will use it.")],
    *,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="viewer, editor or admin.")] = "",
    permission: Annotated[
        list[str] | None,
        typer.Option("--permission", metavar="ACTION[=SCOPE]", help="A further permission; may be given often."),
    ] = None,
    project: access.ProjectOrAll = access.EVERY,
    expires: Annotated[
        str, typer.Option("--expires", metavar="WHEN", help="12h, 90d, 8w, a moment, or never.")
    ] = "never",
    as_json: AsJson = False,
) -> None:
    """Make a token and print it. It is shown this once only; the store keeps no more than a digest of it."""
    pairs = [(action, scope) for action, _, scope in (text.partition("=") for text in permission or ())]
    token, secret = console.open_host(context).access.create_token(
        access.me(),
        name,
        role=role,
        permissions=pairs,
        project=access.project_uid(project),
        expires=access.ends(expires),
    )
    if as_json:
        console.emit({"token": secret, **access.shown(token)})
        return
    console.note("the token, which is not shown again:")
    console.say(secret)


@group.command("list", epilog=console.examples("pressroom tokens list", "pressroom tokens list --json"))
def list_tokens(context: typer.Context, as_json: AsJson = False, limit: Limit = None) -> None:
    """List the tokens, oldest first, ended ones too."""
    found = limited(console.open_host(context).access.tokens(access.me()), limit)
    if as_json:
        console.emit([{**access.shown(token), "state": access.state(token)} for token in found])
        return
    lines = [
        (
            token.id,
            token.name,
            token.project or access.EVERY,
            token.role or ", ".join(grant.action for grant in token.permissions),
            token.expires_at.isoformat(timespec="minutes") if token.expires_at else "never",
            access.state(token),
        )
        for token in found
    ]
    console.rows(("ID", "NAME", "PROJECT", "ROLE", "EXPIRES", "STATE"), lines, "no tokens")


@group.command("revoke", epilog=console.examples("pressroom tokens revoke dashboards-of-shop"))
def revoke(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name or number.")],
    as_json: AsJson = False,
) -> None:
    """End every token of that name, or the one of that number. Running servers follow within 5 seconds."""
    ended = console.open_host(context).access.revoke_token(access.me(), name)
    if as_json:
        console.emit([access.shown(token) for token in ended])
        return
    for token in ended:
        console.say(console.plain(f"token {token.id} {token.name} revoked"))
