"""Reports that are all due at one moment, on this machine's `local` scheduler, and what the simulation says of them.

python tests/benchmarks/soak.py [--runs 200] [--workers 2]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import relay
import scale
import shop
from simulation import Due, Plant, simulate

from pressroom import Host
from pressroom.press.worker import Worker

PATIENCE = 1800.0


@dataclass
class Soak:
    """What came of it: how late each report was, in order; all processes' CPU seconds; the largest child's memory."""

    late: list[float]
    cpu: float = 0.0
    megabytes: float = 0.0


def soak(folder: Path, runs: int, workers: int) -> Soak:
    """Let a worker do it all, and look at its processes once a second."""
    with relay.running(folder / "mails") as port:
        file = shop.make(folder / "work", "sqlite:///pressroom.db", port, workers)
        shop.due(file, runs, datetime.now(UTC).replace(microsecond=0))
        with Host.open(file) as host:
            began, result = datetime.now(UTC), Soak([])
            worker = Worker(host)
            before = family()[0]
            worker.start()
            try:
                while not done(host, runs):
                    assert (datetime.now(UTC) - began).total_seconds() < PATIENCE
                    result.cpu, megabytes = family()
                    result.megabytes = max(result.megabytes, megabytes)
                    time.sleep(1)
            finally:
                worker.stop()
            ends = sorted(run.finished_at for run in host.ledger.list() if run.finished_at)
            states = Counter(run.state.value for run in host.ledger.list())
        mails = len(list((folder / "mails").glob("*.eml")))
        assert mails == states["succeeded"] == runs, f"{mails} mails, {states}"
        result.late = [(end - began).total_seconds() for end in ends]
        result.cpu -= before
        return result


def done(host: Host, runs: int) -> bool:
    """Whether every report has gone out; asks for one row only."""
    with host.store.sessions.read() as session:
        found = session.connection().exec_driver_sql("SELECT count(*) FROM runs WHERE finished_at IS NOT NULL")
        return int(found.scalar_one()) >= runs


def family() -> tuple[float, float]:
    """CPU seconds of this process and all below it but the relay, and resident megabytes of the largest below it."""
    fields = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields[int(stat.parent.name)] = stat.read_text().rpartition(")")[2].split()
    own, size = {os.getpid()}, 0
    while len(own) > size:
        size = len(own)
        own |= {each for each, values in fields.items() if int(values[1]) in own and each not in relay.PROCESSES}
    cpu = sum(int(field) for each in own for field in fields[each][11:15]) / os.sysconf("SC_CLK_TCK")
    pages = max((int(fields[each][21]) for each in own - {os.getpid()}), default=0)
    return cpu, pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(runs: int = 200, workers: int = 2) -> list[tuple[str, str]]:
    """Rows of the printed table."""
    with tempfile.TemporaryDirectory(prefix="pressroom-soak-") as name:
        found = soak(Path(name), runs, workers)
    costs = scale.costs(json.loads(scale.STEPS.read_text(encoding="utf-8")), "sqlite")
    plant = Plant(workers, store_cores=1, relay_seconds=0.01, connections=2)
    told = simulate([Due(0.0)] * runs, costs, plant)
    return [
        (f"{runs} reports due at once, {workers} workers: reports/s", f"{runs / found.late[-1]:.2f}"),
        ("  simulated", f"{runs / max(told.ends):.2f}"),
        ("  lateness p50, p95, s", f"{found.late[runs // 2]:.1f}, {found.late[int(0.95 * runs)]:.1f}"),
        ("  simulated", f"{told.late(0.5):.1f}, {told.late(0.95):.1f}"),
        ("  MB of the largest child", f"{found.megabytes:.0f}"),
        ("  CPU s a report, start-up included", f"{found.cpu / runs:.3f}"),
        ("  simulated", f"{costs.work + costs.make_store:.3f}"),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    for what, figure in main(given.runs, given.workers):
        print(f"{what:60} {figure}")
