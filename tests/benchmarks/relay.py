"""A mail relay in a process of its own, which keeps what it gets as files; and the files' count."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROCESSES: set[int] = set()
"""Ids of the relays that this process has started, whose work is not Pressroom's."""
PROGRAM = """
import sys
from pathlib import Path
from pressroom.testing.sink import Sink
with Sink(Path(sys.argv[1])) as sink:
    print(sink.port, flush=True)
    sys.stdin.read()
"""


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """The relay's port on loopback; mails become `.eml` files in the folder."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        PROCESSES.add(process.pid)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
