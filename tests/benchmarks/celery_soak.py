"""Reports that are all due at one moment, made by one Celery worker and by two, over RabbitMQ, with PostgreSQL.

python tests/benchmarks/celery_soak.py [--runs 300]
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import relay
import shop
from soak import done

sys.path.insert(0, str(Path(__file__).parents[1]))

from pressroom import Host
from pressroom.press.worker import Worker
from servers.brokers import rabbitmq_missing, running_rabbitmq
from servers.postgres_server import find_programs, running_cluster

PATIENCE = 1800.0
LOCAL = '[scheduler]\ntype = "local"\nworkers = 1\n'
CELERY = '[scheduler]\ntype = "celery"\nbroker = "{broker}"\nqueues = "bench{workers}"\n'


def soak(folder: Path, store: str, broker: str, runs: int, workers: int) -> tuple[list[float], float]:
    """How late each report was, in order; and the most memory that a worker's process had, in MB."""
    with relay.running(folder / "mails") as port:
        file = shop.make(folder / "work", store, port, workers=1)
        text = file.read_text(encoding="utf-8")
        assert LOCAL in text
        file.write_text(text.replace(LOCAL, CELERY.format(broker=broker, workers=workers)), encoding="utf-8")
        shop.due(file, runs, datetime.now(UTC).replace(microsecond=0))
        with Host.open(file) as host, started(file, workers) as sessions:
            wait(lambda: f"so do {workers + 1} workers" in host.scheduler.check())
            began, most = datetime.now(UTC), 0.0
            clock = Worker(host)
            clock.start()
            try:
                while not done(host, runs):
                    assert (datetime.now(UTC) - began).total_seconds() < PATIENCE
                    most = max(most, largest(sessions))
                    time.sleep(0.5)
            finally:
                clock.stop()
            ends = sorted(run.finished_at for run in host.ledger.list() if run.finished_at)
            states = Counter(run.state.value for run in host.ledger.list())
            errors = {error for run in host.ledger.list() for error in run.errors}
        mails = len(list((folder / "mails").glob("*.eml")))
        assert mails == states["succeeded"] == runs, f"{mails} mails, {states}, {errors}"
        return [(end - began).total_seconds() for end in ends], most


@contextmanager
def started(file: Path, workers: int) -> Iterator[list[int]]:
    """Workers that make with one child each, and one that sends; gives their sessions."""
    queues = [("make", "prefork", 1)] * workers + [("deliver", "threads", 4)]
    command = [sys.executable, "-m", "celery", "-A", "pressroom_celery.app", "worker"]
    processes = [
        subprocess.Popen(
            [*command, "-Q", f"bench{workers}.{step}", "-n", f"w{number}@bench", "--pool", pool, "-c", str(children)],
            env={**os.environ, "PRESSROOM_CONFIG": str(file), "MALLOC_ARENA_MAX": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for number, (step, pool, children) in enumerate(queues)
    ]
    try:
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait(reached: object) -> None:
    """Until it is so."""
    assert callable(reached)
    limit = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < limit


def largest(sessions: list[int]) -> float:
    """Resident megabytes of the largest process of these sessions."""
    pages = [0]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) in sessions:
            pages.append(int(fields[21]))
    return max(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(runs: int = 300) -> list[tuple[str, str]]:
    """Rows of the printed table."""
    programs = find_programs()
    if rabbitmq_missing() or programs is None:
        return [("Celery", f"not measured: {rabbitmq_missing() or 'PostgreSQL is not installed'}")]
    rows = []
    with ExitStack() as stack:
        server = stack.enter_context(running_cluster(programs))
        broker = stack.enter_context(running_rabbitmq())
        for workers in (1, 2):
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE soak_{workers}".encode())
            store = f"{server.rpartition('/')[0]}/soak_{workers}".replace("postgresql://", "postgresql+psycopg://")
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pressroom-soak-")))
            late, memory = soak(folder, store, broker, runs, workers)
            rows += [
                (f"{runs} reports due at once, Celery, {workers} make workers: reports/s", f"{runs / late[-1]:.2f}"),
                ("  lateness p50, p95, s", f"{late[runs // 2]:.1f}, {late[int(0.95 * runs)]:.1f}"),
                ("  MB of the largest process", f"{memory:.0f}"),
            ]
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300)
    for what, figure in main(parser.parse_args().runs):
        print(f"{what:70} {figure}")
