"""`pressroom demo`: the whole way once, on real data, with a mail server that keeps what it gets."""

from __future__ import annotations

import secrets
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressroom_cli import console
from pressroom_cli.init import write_settings
from pressroom_cli.options import AsJson
from pressroom_cli.outcomes import delivery_counts, failed, run_summary, say_run

if TYPE_CHECKING:
    from pressroom.host import Host
    from pressroom.models.runs import Run

app = typer.Typer()

DATA = ("flights.parquet", "weather.parquet", "carriers.csv", "cities.csv")
DEFINITIONS = ("demo.yaml", "demo-zh.yaml")
SETTINGS = """\
# The demo's workspace: flights out of New York in 2013, mails to a server that only keeps them.
# `pressroom doctor` checks this file, `pressroom plugins show NAME` tells the keys of a plugin.

[store]
url = "sqlite:///pressroom.db"

[sources.flights]
type = "files"
tables = { flights = "data/flights.parquet", weather = "data/weather.parquet", carriers = "data/carriers.csv", \
cities = "data/cities.csv" }
projects = ["*"]

# `pressroom demo` starts its own mail server on a free port and uses that instead of this one.
[channels.email]
type = "email"
host = "127.0.0.1"
port = 1025
sender = "Pressroom <reports@example.org>"
allowed_recipients = ["*@example.org"]
projects = ["*"]

[channels.archive]
type = "folder"
path = "archive"
projects = ["*"]
"""


NEXT = (
    ("pressroom reports preview weekly-flights --out out --format html", "a report as a page; nothing is sent"),
    ("pressroom charts data delay-by-airport --format csv", "the numbers behind a chart"),
    ("pressroom runs list", "the ledger: what went to whom"),
    ("pressroom apply demo.yaml --dry-run", "change the file first: what would change"),
    ("pressroom users create me", "asks for a password, with which you sign in at the server"),
    (
        "pressroom serve",
        "a dashboard at http://127.0.0.1:8000/d/default/flights-nyc, the APIs at http://127.0.0.1:8000/schema",
    ),
    (
        'curl -H "Authorization: Bearer $(pressroom tokens create me --role viewer)" '
        "http://127.0.0.1:8000/api/v1/reports",
        "in a second shell, after the first line here: the reports as JSON",
    ),
    ("pressroom doctor", "checks all of the workspace; the demo's mail server is gone by now, and it says so"),
    ("pressroom plugins new postcard --kind channel", "a plugin of your own that works, to be changed"),
)
"""Commands in the demo's folder, and why."""


@app.command("demo", epilog=console.examples("pressroom demo", "pressroom demo --dir elsewhere"))
def demo(
    folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Where; made where it is missing.")] = Path(
        "demo"
    ),
    as_json: AsJson = False,
) -> None:
    """Go the whole way once, on real data: render, mail, archive.

    Makes a workspace and mails its reports to a server that it starts on this machine. Works offline. Run it
    again for a fresh round; files that you changed stay as they are.
    """
    from pressroom.testing.sink import Sink

    file, _ = write_settings(folder, SETTINGS)
    folder = file.parent
    _copy_files(folder)
    outbox, reports = folder / "outbox", folder / "reports"
    _empty(outbox, "*.eml")
    _empty(reports, "*")
    with Sink(outbox) as sink, _open(file, sink.port) as host:
        host.store.upgrade()
        _apply(host, folder)
        runs = [_send(host, project, uid, as_json) for project, uid in _reports(host)]
        documents = [path for run in runs for path in _keep(host, run, reports)]
        mails = sink.files
    if as_json:
        shown = {
            "config": str(file),
            "mails": [str(path) for path in mails],
            "documents": [str(path) for path in documents],
        }
        console.emit({**shown, "runs": [run_summary(run) for run in runs]})
    else:
        _say(folder, runs, mails, documents)
    if any(failed(run) for run in runs):
        raise typer.Exit(1)


def _copy_files(folder: Path) -> None:
    """Data and definitions of the package; a definition that is there may have been changed, and stays."""
    (folder / "data").mkdir(exist_ok=True)
    package = files("pressroom_cli.demo_data")
    for name in (*DATA, *DEFINITIONS):
        target = folder / "data" / name if name in DATA else folder / name
        with as_file(package / name) as source:
            if not target.exists() or (name in DATA and target.stat().st_size != source.stat().st_size):
                shutil.copyfile(source, target)


def _empty(folder: Path, pattern: str) -> None:
    folder.mkdir(exist_ok=True)
    for path in folder.glob(pattern):
        if path.is_file():
            path.unlink()


def _open(file: Path, port: int) -> Host:
    """The host of the workspace, with the sink's port in place of the configured one."""
    from pressroom.host import Host
    from pressroom.plugins import Plugins
    from pressroom.settings import load_workspace
    from pressroom_cli import hookspecs

    workspace = load_workspace(file)
    channels = {
        name: channel.model_copy(update={"host": "127.0.0.1", "port": port}) if channel.type == "email" else channel
        for name, channel in workspace.settings.channels.items()
    }
    settings = workspace.settings.model_copy(update={"channels": channels})
    return Host(replace(workspace, settings=settings), Plugins([hookspecs]))


def _apply(host: Host, folder: Path) -> None:
    from pressroom.definitions import HostCatalogue, apply, check, load_files
    from pressroom_cli.definitions import ACTOR

    bundle = load_files([folder / name for name in DEFINITIONS])
    apply(check(bundle, HostCatalogue(host)), host.store, by=ACTOR)


def _reports(host: Host) -> Iterator[tuple[str, str]]:
    for project in host.repositories.projects.list():
        for report in host.repositories.project(project.uid).reports.list():
            yield project.uid, report.uid


def _send(host: Host, project: str, uid: str, quiet: bool) -> Run:
    stored = host.repositories.project(project).reports.get(uid)
    if not quiet:
        console.note(f"sending {console.plain(stored.value.name)} ...")
    key = f"demo-{secrets.token_hex(8)}"
    run = host.press.plan(project, stored.value, report_id=stored.id, kind="manual", key=key)
    with console.progress(stored.value.name, quiet) as progress:
        return host.press.work(run.id, progress=progress)


def _keep(host: Host, run: Run, reports: Path) -> Iterator[Path]:
    """Copies of a run's documents under their own names."""
    from pressroom.press.queries import run_folder

    made = run_folder(host.workspace.files, run.id)
    for document in run.documents:
        target = reports / document["name"]
        shutil.copyfile(made / document["path"], target)
        yield target


def _say(folder: Path, runs: list[Run], mails: list[Path], documents: list[Path]) -> None:
    for run in runs:
        console.say(f"{console.plain(run.title)}: {run.state}, {delivery_counts(run)}")
        if failed(run):
            say_run(run)
    for title, paths in (("mails, for any mail program", mails), ("documents", documents)):
        console.say()
        console.say(f"{title}:")
        for path in paths:
            console.say(f"  {_short(path)}")
    console.say()
    console.say("what to try next, in this shell:")
    console.say(f"  {_shell(folder)}")
    for command, why in NEXT:
        console.say(f"  {command}")
        console.say(f"      {why}")


def _shell(folder: Path) -> str:
    """Into the workspace; the program on the path where it is not: `make demo` keeps it in .venv."""
    inside = f"cd {shlex.quote(_short(folder))}"
    if shutil.which("pressroom"):
        return inside
    return f'{inside}; export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"'


def _short(path: Path) -> str:
    """Relative to the current folder where it lies in it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
