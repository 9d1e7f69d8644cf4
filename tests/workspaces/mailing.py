"""A workspace whose reports are cheap to make and go out by mail at once: for faults and soaks."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pressroom import Dashboard, Host, Job, Report, Run
from pressroom.moments import utc_now
from pressroom.press.clock import Clock
from pressroom.store import Store
from servers.waiting import wait_until

SETTINGS = """\
[store]
url = "{url}"
[ledger]
lease_seconds = {lease}
tick_seconds = 0.1
[retries]
waits = {waits}
channel_rest_seconds = 0.2
[limits]
run_seconds = {limit}
[scheduler]
type = "local"
workers = {workers}
deliveries = {deliveries}
[sources.shop]
type = "files"
tables = {{ sales = "sales.csv" }}
[channels.email]
type = "email"
port = {port}
sender = "Pressroom <reports@example.org>"
timeout = {timeout}
data_timeout = {timeout}
[channels.archive]
type = "folder"
path = "outbox"
"""
DEFAULTS: Mapping[str, Any] = {
    "url": "sqlite:///pressroom.db",
    "lease": 1,
    "waits": [0.1] * 9,
    "limit": 60,
    "workers": 1,
    "deliveries": 1,
    "timeout": 20,
}
DASHBOARD = {
    "uid": "sales",
    "name": "Sales",
    "time_range": {"from": "2026-01-01", "to": "2026-02-01"},
    "charts": [
        {
            "uid": "table",
            "name": "By city",
            "type": "table",
            "source": "shop",
            "query": "SELECT city, sum(amount) AS amount FROM sales WHERE $__timeFilter(day) GROUP BY 1",
        }
    ],
}


class Workspace:
    """A folder, made new.

    Args:
        folder: does not exist yet.
        port: of the mail server.
        store: a SQLite file with the schema in it, to be copied; None where `url` names a database that has it.
        settings: instead of `DEFAULTS`.
    """

    def __init__(self, folder: Path, port: int, store: Path | None = None, **settings: Any) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.config = folder / "pressroom.toml"
        self.config.write_text(SETTINGS.format(port=port, **{**DEFAULTS, **settings}))
        (folder / "sales.csv").write_text("day,city,amount\n2026-01-05,Oslo,20\n2026-01-06,Riga,5\n")
        if store is not None:
            shutil.copy(store, folder / "pressroom.db")
        with self.host() as host:
            host.store.project("default").dashboards.save(Dashboard.model_validate(DASHBOARD), "test")

    def host(self) -> Host:
        """This process's own view."""
        return Host.open(self.config)

    def report(self, uid: str, to: Sequence[str], **more: Any) -> Report:
        """A report that is due at once; its uid is the subject of its mails."""
        deliveries = [{"channel": "email", "to": list(to)}] if to else []
        value = {
            "uid": uid,
            "name": uid,
            "dashboards": [{"uid": "sales"}],
            "formats": ["csv"],
            "schedule": {"frequency": "once", "start": "2026-01-01T00:00:00Z"},
            "deliveries": deliveries,
            **more,
        }
        return Report.model_validate(value)

    def save(self, *reports: Report) -> None:
        """Store reports, due from now on."""
        with self.host() as host, host.store.transaction() as transaction:
            for report in reports:
                transaction.project("default").reports.save(report, "test")

    def runs(self) -> list[Run]:
        """What the ledger knows."""
        with self.host() as host:
            return host.ledger.list()

    def ended(self) -> int:
        """How many runs are final: one cheap question, for soaks."""
        with self.host() as host, host.store.sessions.read() as session:
            found = session.connection().exec_driver_sql("SELECT count(*) FROM runs WHERE finished_at IS NOT NULL")
            return int(found.scalar_one())


def make_here(workspace: Workspace) -> None:
    """Plan and make the report in this process: quicker than by a worker that dies afterwards."""
    with workspace.host() as host:
        Clock(host, None, utc_now).tick()
        host.press.do(Job(run=host.ledger.list()[0].id, step="make"), "maker")


def finish_here(workspace: Workspace) -> Run:
    """Tick and work in this process, which needs no new child, until the run is final."""
    with workspace.host() as host:

        def ended() -> bool:
            Clock(host, None, utc_now).tick()
            for run in host.ledger.list():
                host.press.do(Job(run=run.id, step="deliver" if run.state == "delivering" else "make"), "healthy")
            return any(run.state.final for run in host.ledger.list())

        wait_until(ended, "the run is final")
        return host.ledger.list()[0]


def schema(folder: Path) -> Path:
    """A SQLite file with the schema in it."""
    store = Store("sqlite:///store.db", folder)
    store.upgrade()
    store.close()
    return folder / "store.db"
