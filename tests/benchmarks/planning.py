"""What planning costs: a tick over a million stored reports of which none is due, and a thousand that are due at once.

The stores are SQLite files on this machine's disk, with every commit brought to it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pressroom import Host, Report
from pressroom.press.clock import Clock

STORED, DUE, ROUNDS = 1_000_000, 1_000, 15
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
SETTINGS = """\
[channels.email]
type = "email"
sender = "reports@example.org"
"""


def workspace(folder: Path) -> Path:
    """A workspace with an empty store; gives its toml file."""
    folder.mkdir()
    file = folder / "pressroom.toml"
    file.write_text(SETTINGS)
    with Host.open(file) as host:
        host.store.upgrade()
    return file


def fill(host: Host, count: int, due: datetime) -> None:
    """Store reports, straight into the table, all with the same next moment."""
    report = {
        "uid": "weekly",
        "name": "Weekly",
        "dashboards": [{"uid": "sales"}],
        "schedule": {"frequency": "daily", "start": "2026-01-01T09:00:00Z"},
        "deliveries": [{"channel": "email", "to": ["ann@example.org", "bob@example.org"]}],
    }
    Report.model_validate(report)
    long_ago = NINE - timedelta(days=30)
    with host.store.sessions.write() as session:
        session.connection().exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO reports (project_id, uid, name, definition, creator, updater, created_at, updated_at, state,"
            " schedule_changed_at, next_run_at) "
            "SELECT 1, 'r' || i, 'Weekly', ?, '', '', ?, ?, 'scheduled', ?, ? FROM n",
            (count, json.dumps(report), *[_stored(moment) for moment in (long_ago, long_ago, long_ago, due)]),
        )


def _stored(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def idle_tick(folder: Path, stored: int) -> float:
    """Median milliseconds of a tick where nothing is due."""
    with Host.open(workspace(folder)) as host:
        fill(host, stored, NINE + timedelta(days=1))
        clock = Clock(host, host.scheduler, lambda: NINE)
        clock.tick()
        taken = []
        for _ in range(ROUNDS):
            before = time.perf_counter()
            clock.tick()
            taken.append(time.perf_counter() - before)
        return statistics.median(taken) * 1000


def due_tick(folder: Path, due: int) -> float:
    """Seconds in which reports that are due become runs, each with two recipients."""
    with Host.open(workspace(folder)) as host:
        fill(host, due, NINE)
        clock = Clock(host, None, lambda: NINE)
        host.channel("email", "default")
        before = time.perf_counter()
        planned = clock.tick().planned
        taken = time.perf_counter() - before
        assert planned == due, planned
        return taken


def main(stored: int = STORED, due: int = DUE) -> list[tuple[str, str]]:
    """Rows of the printed table."""
    with tempfile.TemporaryDirectory() as name:
        idle = idle_tick(Path(name) / "idle", stored)
        seconds = min(due_tick(Path(name) / f"due-{number}", due) for number in range(3))
    return [
        (f"tick, {stored:,} reports stored, none due, ms (under 5)", f"{idle:.2f}"),
        (f"{due:,} due reports become runs, s (under 1)", f"{seconds:.2f}"),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, default=STORED)
    parser.add_argument("--due", type=int, default=DUE)
    chosen = parser.parse_args()
    for what, figure in main(chosen.stored, chosen.due):
        print(f"{what:58} {figure}")
