"""A child process of the `local` scheduler: makes reports until it is told to end, or is killed.

The parent sends `(job, owner)` and gets `(error, resident memory in MB)` back. A parent that is gone closes
the pipe, and the child ends after the job that it is in.
"""

from __future__ import annotations

import os
import signal
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
    with Host.open(config) as host:
        host.start_log()
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


def resident_mb() -> float:
    """Memory of this process that is in RAM, in MB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
