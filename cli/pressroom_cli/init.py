"""`pressroom init`: a workspace from nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pressroom_cli import console
from pressroom_cli.options import AsJson

app = typer.Typer()

TEMPLATE = """\
# A Pressroom workspace. Paths are relative to this file; `pressroom doctor` checks it,
# `pressroom plugins show NAME` tells the keys of a plugin.

[store]
url = "sqlite:///pressroom.db"            # or postgresql+psycopg://user@host/database

[server]
host = "127.0.0.1"
port = 8000
public_url = "http://127.0.0.1:8000"      # where people reach it; links in mails begin with it

# Where data comes from. Name each source as you like; charts say `source: NAME`.
# [sources.sales]
# type = "files"
# tables = { sales = "data/sales.csv" }   # CSV, TSV, Parquet, NDJSON, Excel
# projects = ["default"]                  # who may use it; ["*"] for everybody
#
# [sources.shop]
# type = "sql"
# url = { env = "SHOP_URL" }              # sqlite:///..., postgresql://...; a secret from the environment

# Where reports go. Deliveries say `channel: NAME`.
# [channels.email]
# type = "email"
# host = "127.0.0.1"
# port = 25
# sender = "Pressroom <reports@example.org>"
# allowed_recipients = ["*@example.org"]

[channels.archive]
type = "folder"
path = "outbox"
"""


@app.command(
    "init",
    epilog=console.examples(
        "pressroom init              in this folder",
        "pressroom init reports      in the folder reports",
        "then: name your data in pressroom.toml, write a dashboard, and run pressroom apply FILE",
    ),
)
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder; made where it is missing.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Make a workspace in a folder: pressroom.toml and the store.

    A pressroom.toml that is there is never changed. Run it again at any time: what is there stays as it is.
    """
    from pressroom.host import Host

    file, written = write_settings(folder, TEMPLATE)
    with Host.open(file) as host:
        upgrade = host.store.upgrade()
        location = host.store.location
    if as_json:
        console.emit({"config": str(file), "created": written, "store": location, "schema": upgrade.after})
        return
    console.say(f"{file} {'written' if written else 'was there already'}")
    console.say(f"{location} {'made' if not upgrade.before else 'is up to date'}")
    console.say("next: name a source in pressroom.toml, write a dashboard, then: pressroom apply FILE")


def write_settings(folder: Path, text: str) -> tuple[Path, bool]:
    """The workspace's toml file, and whether it was written now; one that is there is never changed."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "pressroom.toml").resolve()
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        return file, False
    return file, True
