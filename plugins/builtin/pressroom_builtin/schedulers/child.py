"""A child process of the `local` scheduler: makes reports until it is told to end, or is killed.

It says None once it is ready. Then the parent sends `(job, owner)` and gets `(error, resident memory in MB)` back.
A parent that is gone closes the pipe, and the child ends at once: nobody would stop it at its time limit, and the
ledger gives its run away.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from pressroom import Host

PRELOADED = ("pressroom_builtin.schedulers.warm",)
"""Modules that the forkserver imports once, so that a child starts in milliseconds."""


def main(connection: Connection, config: Path) -> None:
    """Serve one pipe.

    Args:
        connection: the child's end.
        config: the workspace's toml file.
    """
    # the parent decides when to end; Ctrl-C in a terminal reaches the whole group
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, args=(connection.fileno(),), daemon=True).start()
    with Host.open(config) as host:
        host.start_log()
        connection.send(None)
        while True:
            try:
                job, owner = connection.recv()
            except (EOFError, OSError):
                return
            error = ""
            try:
                host.press.do(job, owner)
            except Exception as problem:
                error = f"{type(problem).__name__}: {problem}"
            connection.send((error, resident_mb()))


def _end_with_parent(pipe: int) -> None:
    watch = select.poll()
    # no event is asked for: what is always told is that the other end was closed
    watch.register(pipe, 0)
    watch.poll()
    os._exit(1)


def resident_mb() -> float:
    """Memory of this process that is in RAM, in MB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
