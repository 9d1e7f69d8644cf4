"""What one look at the waiting runs costs a clock, by how many wait: on SQLite and on PostgreSQL.

python tests/benchmarks/offers.py [--waiting 1000 10000 50000]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import shop
from probes import ask, fresh, server_cpu

from pressroom import Host
from pressroom.models.ledger_tables import RunRow
from pressroom.models.projects import Project

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers.postgres_server import find_programs, running_cluster

WAITING = (1_000, 10_000, 50_000)
ASKED, ROUNDS, PROJECTS = 216, 7, 20
"""What a machine with 8 workers that is idle asks for; how often; tenants."""


def fill(host: Host, first: int, count: int) -> None:
    """Write down runs that have been due since an hour ago, by projects in turns."""
    moment = datetime.now(UTC) - timedelta(hours=1)
    projects = [project.id for project in host.store.projects.list()]
    planned: dict[str, Any] = {"planned_at": moment, "created_at": moment, "due_at": moment, "state": "planned"}
    planned |= {"report": "shop", "title": "Shop", "kind": "manual", "nonce": "x", "snapshot": {"uid": "shop"}}
    with host.store.sessions.write() as session:
        for number in range(first, first + count):
            project = projects[number % len(projects)]
            key = {"key": str(number), "scope": f"bench:{number}", "project_id": project, "priority": 5}
            session.add(RunRow(**planned, **key))


def one_store(folder: Path, store: str, waiting: list[int]) -> Iterator[tuple[int, float, float]]:
    """By how many wait: wall seconds of one look, and seconds of the server's CPU."""
    file = shop.make(folder, store, relay=1, workers=1)
    shop.due(file, 0, datetime.now(UTC))
    there = 0
    with Host.open(file) as host:
        for number in range(PROJECTS):
            host.store.projects.save(Project(uid=f"tenant-{number}", name="Tenant"), "bench")
        for count in waiting:
            fill(host, there, count - there)
            there = count
            ask(host, "SELECT 1")
            if host.store.location.startswith("postgresql"):
                with host.store.sessions.write() as session:
                    session.connection().exec_driver_sql("ANALYZE runs")
            before, walls = server_cpu(host), []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                assert len(host.ledger.due(ASKED, "make")) == ASKED
                walls.append(time.perf_counter() - start)
            yield count, statistics.median(walls), (server_cpu(host) - before) / ROUNDS


Looks = dict[str, list[tuple[int, float, float]]]


def measure(folder: Path, stores: dict[str, str], waiting: Sequence[int] = WAITING) -> Looks:
    """What `one_store` says of each, by its name; a store is given by the URL of an empty one."""
    return {name: list(one_store(folder / name, url, list(waiting))) for name, url in stores.items()}


def each_waiting(looks: Looks) -> dict[str, float]:
    """Seconds of the store that a look takes for each run that waits: the CPU of a server, else the time itself."""
    last = {name: found[-1] for name, found in looks.items()}
    return {name: round((cpu or wall) / count, 9) for name, (count, wall, cpu) in last.items()}


def rows(looks: Looks) -> list[tuple[str, str]]:
    """Rows of the printed table."""
    return [
        (
            f"{name}: one look at what is due, {count:,} waiting",
            f"{wall * 1e3:.1f} ms" + (f", {cpu * 1e3:.0f} ms of the server's CPU" if cpu else ""),
        )
        for name, found in looks.items()
        for count, wall, cpu in found
    ]


def main(waiting: Sequence[int] = WAITING) -> list[tuple[str, str]]:
    """Rows of the printed table."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pressroom-offers-")))
        stores = {"sqlite": "sqlite:///pressroom.db"}
        if programs := find_programs():
            stores["postgresql"] = fresh(stack.enter_context(running_cluster(programs, durable=True)), 0)
        return rows(measure(folder, stores, waiting))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", type=int, nargs="+", default=WAITING)
    for what, figure in main(parser.parse_args().waiting):
        print(f"{what:60} {figure}")
