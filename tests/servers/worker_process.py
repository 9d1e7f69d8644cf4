"""Workers to be killed: processes that are forked, ready in milliseconds, from one that has everything imported.

Run as a script, it is that one: it reads a line of JSON for each worker and answers with the worker's process id.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from servers.waiting import wait_until

SCRIPT = Path(__file__)


def work(config: str, environment: Mapping[str, str]) -> None:
    """Be a worker until SIGTERM."""
    from pressroom import Host, failpoints
    from pressroom.press.worker import Worker

    # its own children, too, come by the same places
    os.environ.update(environment)
    if failpoints.VARIABLE in environment:
        failpoints.visitor = failpoints.Trap(environment[failpoints.VARIABLE], environment[failpoints.ONCE])
    stopped = threading.Event()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    restrict(environment)
    with Host.open(Path(config)) as host:
        worker = Worker(host)
        worker.start()
        while not stopped.wait(0.1):
            pass
        worker.stop(float(environment.get("GRACE", "30")))


def restrict(environment: Mapping[str, str]) -> None:
    """Give the process a small disk: `FILE_SIZE` bytes for each file, `PAGES` for its SQLite store."""
    import resource

    import sqlalchemy as sa
    from sqlalchemy import event

    if size := environment.get("FILE_SIZE"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))
    if pages := environment.get("PAGES"):

        @event.listens_for(sa.Engine, "connect")
        def _connected(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {int(pages)}")


def main() -> None:
    """Fork a worker for each line."""
    from pressroom.plugins import Plugins

    Plugins()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        config, environment = json.loads(line)
        pid = os.fork()
        if pid == 0:
            sys.stdin.close()
            os.dup2(2, 1)
            status = 1
            try:
                work(config, environment)
                status = 0
            finally:
                os._exit(status)
        print(pid, flush=True)


class WorkerProcess:
    """One worker."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """End it at once, as `kill -9` does."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def terminate(self) -> None:
        """Ask it to end, and wait."""
        os.kill(self.pid, signal.SIGTERM)
        self.wait()

    def wait(self) -> None:
        """Until it is gone."""
        wait_until(lambda: not self.alive, "the worker is gone")


class Workers:
    """Starts workers.

    Args:
        path: folders with plugins of the test.
    """

    def __init__(self, *path: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [SCRIPT.parents[1], *path]))}
        self._process = subprocess.Popen(
            [sys.executable, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self._started: list[WorkerProcess] = []

    def start(self, config: Path, failpoint: str = "", once: Path | None = None, **environment: str) -> WorkerProcess:
        """A worker of a workspace.

        Args:
            failpoint: what happens to it, see `pressroom.failpoints`.
            once: the file that says that it has happened.
        """
        if failpoint:
            environment |= {"PRESSROOM_FAILPOINT": failpoint, "PRESSROOM_FAILPOINT_ONCE": str(once)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(config), environment]) + "\n")
        self._process.stdin.flush()
        worker = WorkerProcess(int(self._process.stdout.readline()))
        self._started.append(worker)
        return worker

    def kill_all(self) -> None:
        """End every worker."""
        for worker in self._started:
            worker.kill()
        self._started.clear()

    def close(self) -> None:
        """End every worker, and what they came from."""
        self.kill_all()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)


if __name__ == "__main__":
    main()
