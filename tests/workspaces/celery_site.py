"""A site as it would run: PostgreSQL, a broker, a mail server, Celery's workers as processes, the clock in the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

from pressroom import Dashboard, Host, Report, Run
from pressroom.moments import utc_now
from pressroom.press.clock import Clock
from pressroom.settings import load_workspace
from pressroom_celery.scheduler import CeleryScheduler
from servers import smtp

_NUMBERS = count(1)
TOML = """
[store]
url = "{store}"
[ledger]
lease_seconds = {lease}
tick_seconds = 0.2
[retries]
waits = [0.5, 0.5, 0.5, 0.5, 0.5]
[limits]
run_seconds = {limit}
[sources.shop]
type = "sql"
url = "{source}"
[channels.email]
type = "email"
host = "127.0.0.1"
port = {port}
sender = "Pressroom <reports@example.org>"
timeout = 60
[scheduler]
type = "celery"
broker = "{broker}"
queues = "{queues}"
offer_again_seconds = {again}
"""
FINAL = 90.0
"""Seconds that anything may take on a busy machine."""


class Site:
    """A workspace and the processes that serve it.

    Attributes:
        host: of the test's process, which is the clock.
        mail: the server that counts what it is given.
    """

    def __init__(self, folder: Path, host: Host, mail: smtp.MailServer, database: str) -> None:
        self.folder, self.host, self.mail, self.database = folder, host, mail, database
        self.clock = Clock(host, host.scheduler, utc_now)
        self.logs: list[Path] = []
        self._workers: list[subprocess.Popen[bytes]] = []
        self._schedulers: list[CeleryScheduler] = []

    @property
    def scheduler(self) -> CeleryScheduler:
        """The one of the workspace."""
        assert isinstance(self.host.scheduler, CeleryScheduler)
        return self.host.scheduler

    def worker(
        self, *steps: str, pool: str = "prefork", concurrency: int = 1, **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start a worker that reads these queues, in a process group of its own."""
        name = f"w{next(_NUMBERS)}"
        queues = ",".join(self.scheduler.config.queue(step) for step in steps)
        command = [sys.executable, "-m", "celery", "-A", "pressroom_celery.app", "worker", "-Q", queues]
        command += ["-n", f"{name}@test", "--pool", pool, "--concurrency", str(concurrency), "--loglevel", "info"]
        command += ["--without-mingle", "--without-gossip"]
        environment = {**os.environ, "PRESSROOM_CONFIG": str(self.folder / "pressroom.toml"), **environment}
        self.logs.append(self.folder / f"{name}.log")
        with self.logs[-1].open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        self._workers.append(process)
        return process

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """`kill -9` of a worker with all its children."""
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def close(self) -> None:
        """Kill every worker that still runs."""
        for scheduler in self._schedulers:
            scheduler.close()
        for worker in self._workers:
            with suppress(ProcessLookupError):
                self.kill(worker)

    def plan(self, key: str = "once", *, to: str = "ops@example.org", priority: int = 5) -> Run:
        """A run of the report that is due now."""
        report = report_to(to, priority=priority)
        return self.host.press.plan("default", report, report_id=None, kind="manual", key=key)

    def until(self, condition: Callable[[], object], *, ticking: bool = True, seconds: float = FINAL) -> None:
        """Let the clock tick until something is the case."""
        limit = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > limit or any((worker.poll() or 0) > 0 for worker in self._workers):
                raise AssertionError("\n".join(log.read_text(errors="replace")[-4000:] for log in self.logs))
            if ticking:
                self.clock.tick()
            time.sleep(0.05)

    def finished(self, run: Run) -> Run:
        """Let the clock tick until a run is final."""
        self.until(lambda: self.host.ledger.get(run.id).state.final)
        return self.host.ledger.get(run.id)

    def another_clock(self) -> Clock:
        """A second one, as another process would be, with a connection of its own to the broker."""
        scheduler = CeleryScheduler(self.scheduler.config, self.scheduler.setup)
        self._schedulers.append(scheduler)
        return Clock(self.host, scheduler, utc_now)

    def waiting(self, step: str) -> int:
        """Messages in a step's queue."""
        from pressroom_celery.broker import make_app

        app = make_app(self.scheduler.config, publishing=True)
        with app.connection_for_write() as connection:
            queue = app.amqp.queues[self.scheduler.config.queue(step)](connection.default_channel)
            found: int = queue.queue_declare(passive=True).message_count
        return found

    def wipe(self, step: str) -> int:
        """Empty a step's queue; gives how many messages were in it."""
        from pressroom_celery.broker import make_app

        app = make_app(self.scheduler.config, publishing=True)
        with app.connection_for_write() as connection:
            purged: int = app.amqp.queues[self.scheduler.config.queue(step)](connection.default_channel).purge()
        return purged


def report_to(*addresses: str, priority: int = 5, **more: object) -> Report:
    """A small report, as CSV by mail."""
    return Report.model_validate(
        {
            "uid": "weekly",
            "name": "Weekly sales",
            "dashboards": [{"uid": "sales"}],
            "formats": ["csv"],
            "priority": priority,
            "deliveries": [{"channel": "email", "to": list(addresses)}],
            **more,
        }
    )


@contextmanager
def open_site(
    folder: Path, broker: str, database: str, *, lease: float = 4, again: float = 60, limit: float = 60
) -> Iterator[Site]:
    """A site for the block, without workers.

    Args:
        broker, database: where they are; the database has the schema and a table `sales`.
        lease, again, limit: `lease_seconds`, `offer_again_seconds`, `run_seconds` of the settings.
    """
    with ExitStack() as stack:
        mail = stack.enter_context(smtp.serving())
        toml = TOML.format(
            store=database.replace("postgresql://", "postgresql+psycopg://"),
            source=database,
            port=mail.port,
            broker=broker,
            queues=f"q{next(_NUMBERS)}",
            lease=lease,
            again=again,
            limit=limit,
        )
        (folder / "pressroom.toml").write_text(toml, encoding="utf-8")
        host = stack.enter_context(Host(load_workspace(folder)))
        query = "SELECT city, sum(amount) AS amount FROM sales GROUP BY 1"
        chart = {"uid": "table", "name": "By city", "type": "table", "source": "shop", "query": query}
        dashboard = {
            "uid": "sales",
            "name": "Sales",
            "time_range": {"from": "2026-01-01", "to": "2026-02-01"},
            "charts": [chart],
        }
        host.store.project("default").dashboards.save(Dashboard.model_validate(dashboard), "test")
        site = Site(folder, host, mail, database)
        stack.callback(site.close)
        yield site
