"""What a worker does with a message: one step of one run, under a name that no other process has."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from typing import Any

from celery import Celery
from celery.exceptions import WorkerLostError
from celery.signals import worker_process_init, worker_process_shutdown, worker_shutdown
from celery.worker.request import Request

from pressroom import Host, Job
from pressroom_celery.broker import DELIVER, DIED, HIGHEST, MAKE, PATIENCE_SECONDS, priority
from pressroom_celery.config import CeleryConfig

log = logging.getLogger("pressroom.celery")
START = secrets.token_hex(4)
"""Of this worker; its children, which are forked, have the same and a process id each."""


class Workspace:
    """This process's host; a child that is forked makes its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._host: Host | None = None

    def open(self) -> Host:
        """The host, opened at first use."""
        with self._lock:
            if self._host is None:
                self._host = Host.open()
                self._host.start_log()
                # what is below `pressroom` is written as the workspace says, and not by Celery once more
                logging.getLogger("pressroom").propagate = False
            return self._host

    def close(self) -> None:
        """Close it, where it is open."""
        with self._lock:
            host, self._host = self._host, None
        if host is not None:
            host.close()


workspace = Workspace()


def owner(worker: str, process: int, task: str) -> str:
    """Who does a job; the worker's main process knows its children by the same name."""
    return f"{worker}:{START}:{process}:{task}"


def make(task: Any, run: int, priority: int, time_limit: float) -> None:
    """Compose and render; killed at its time limit."""
    job = Job(run=int(run), step="make", priority=priority, time_limit=time_limit)
    workspace.open().press.do(job, owner(task.request.hostname, os.getpid(), task.request.id))


def deliver(task: Any, run: int, priority: int, time_limit: float) -> None:
    """Send what was made."""
    job = Job(run=int(run), step="deliver", priority=priority, time_limit=time_limit)
    workspace.open().press.do(job, owner(task.request.hostname, os.getpid(), task.request.id))


def died(run: int, step: Any, dead: str, reason: str) -> None:
    """Plan the next try of a run whose process was killed."""
    workspace.open().press.died(Job(run=int(run), step=step), dead, reason)


class JobRequest(Request):  # type: ignore[misc]  # Celery has no types
    """A message in the worker's main process, which notices when the child that works on it dies."""

    def on_timeout(self, soft: bool, timeout: float) -> None:
        """The child was killed at the time limit."""
        super().on_timeout(soft, timeout)
        if not soft:
            self._announce(f"stopped at the time limit of {timeout:g} seconds")

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> None:
        """The child died, or the task raised."""
        super().on_failure(exc_info, send_failed_event, return_ok)
        error = getattr(exc_info.exception, "exc", exc_info.exception)
        if isinstance(error, WorkerLostError | SystemExit):
            self._announce(f"its process ended: {error}")

    def _announce(self, reason: str) -> None:
        """Have a worker with a store tell the ledger; this process forks and keeps no connections.

        That to the broker is opened for this: one of Celery's pool is closed by the broker while it is idle.
        """
        job = {"run": self.kwargs["run"], "step": self.task_name.rpartition(".")[2]}
        dead = owner(self.hostname, self.worker_pid or 0, self.id)
        queue = f"{self.task.queues}.{job['step']}"
        try:
            with self.app.connection_for_write(connect_timeout=PATIENCE_SECONDS, heartbeat=0) as connection:
                self.app.send_task(
                    DIED,
                    kwargs={**job, "dead": dead, "reason": reason},
                    queue=queue,
                    priority=self.task.highest,
                    connection=connection,
                    ignore_result=True,
                    retry=False,
                )
        except Exception as error:
            log.warning("run %s: nobody could be told that its process died: %s", job["run"], error)


def add_tasks(app: Celery, config: CeleryConfig) -> None:
    """Make an application know the tasks, and open the workspace in each process that works on them."""
    known = {"bind": True, "Request": JobRequest, "queues": config.queues, "highest": priority(config, HIGHEST)}
    app.task(make, name=MAKE, **known)
    app.task(deliver, name=DELIVER, **known)
    app.task(died, name=DIED)
    worker_process_init.connect(_opened, weak=False)
    worker_process_shutdown.connect(_closed, weak=False)
    worker_shutdown.connect(_closed, weak=False)


def _opened(**_: Any) -> None:
    workspace.open()


def _closed(**_: Any) -> None:
    workspace.close()
