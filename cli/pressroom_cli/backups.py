"""`pressroom backup` and `pressroom restore`: the store in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pressroom_cli import console
from pressroom_cli.options import AsJson

app = typer.Typer()
File = Annotated[Path, typer.Argument(metavar="FILE", help="The archive.", dir_okay=False)]


@app.command("backup", epilog=console.examples("pressroom backup pressroom-2026-11-23.zip"))
def backup(context: typer.Context, file: File, as_json: AsJson = False) -> None:
    """Write the whole store into a new file, also while workers run.

    The same file can be restored into SQLite and PostgreSQL. It holds definitions, pictures, runs and accounts,
    but no data or documents of runs, no pressroom.toml and no key: keep those beside it.
    """
    from pressroom.store.backup import backup as write

    host = console.open_host(context)
    manifest = write(host.store, file)
    rows = {name: table.rows for name, table in manifest.tables.items()}
    if as_json:
        size, moment = file.stat().st_size, manifest.created_at
        console.emit({"file": str(file), "size": size, "schema": manifest.schema, "created_at": moment, "rows": rows})
        return
    console.say(f"{file}: {sum(rows.values())} rows of {host.store.location}, schema {manifest.schema}")


@app.command(
    "restore",
    epilog=console.examples(
        "pressroom restore pressroom-2026-11-23.zip",
        "pressroom restore pressroom-2026-11-23.zip --as-is    move to another store; no worker ran since",
    ),
)
def restore(
    context: typer.Context,
    file: File,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Also into a store that holds something, which is lost.")
    ] = False,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Take up what was open and missed: nothing ran since the backup.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup into the store. Stop the workers first.

    What was open in the backup may have gone out since: it is shown as failed and ambiguous, and sent again only
    on request. Schedules go on with their first moment from now.
    """
    from pressroom.press.retention import folders
    from pressroom.store.restore import restore as read

    host = console.open_host(context)
    newest = max((int(folder.name) for folder in folders(host.workspace.files)), default=0)
    done = read(host.store, file, newest_folder=newest, force=force, as_is=as_is)
    rows = {name: table.rows for name, table in done.manifest.tables.items()}
    if as_json:
        console.emit({"created_at": done.manifest.created_at, "rows": rows, "ended": list(done.ended)})
        return
    console.say(f"{sum(rows.values())} rows of {done.manifest.created_at:%Y-%m-%d %H:%M:%S} UTC are back")
    for run in done.ended:
        console.note(f"run {run} was open and may have been sent since; look at it: pressroom runs show {run}")
