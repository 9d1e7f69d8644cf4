"""`pressroom db`: the store's schema."""

from __future__ import annotations

import typer

from pressroom_cli import console
from pressroom_cli.options import AsJson

app = typer.Typer()
group = typer.Typer(help="The store, which holds definitions and the ledger of runs.", no_args_is_help=True)
app.add_typer(group, name="db")


@group.callback()
def _group() -> None:
    """The store, which holds definitions and the ledger of runs."""


@group.command("upgrade", epilog=console.examples("pressroom db upgrade"))
def upgrade(context: typer.Context, as_json: AsJson = False) -> None:
    """Bring the store to the schema that this version needs.

    It is made where there is none. A SQLite file is copied beside itself first. Running it again changes nothing.
    """
    store = console.open_host(context).store
    done = store.upgrade()
    if as_json:
        backup = str(done.backup) if done.backup else None
        console.emit({"store": store.location, "before": done.before, "after": done.after, "backup": backup})
    elif done.before == done.after:
        console.say(f"{store.location} is up to date (schema {done.after})")
    else:
        console.say(f"{store.location}: schema {done.before or 'none'} -> {done.after}")
        if done.backup:
            console.say(f"the store as it was before: {done.backup}")
