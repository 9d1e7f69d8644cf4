"""CPU seconds and memory of this process, its children and processes of others."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_TICK = os.sysconf("SC_CLK_TCK")


def cpu() -> float:
    """User and system seconds of this process and of its finished children."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def cpu_of_session(session: int) -> float:
    """User and system seconds of the running processes of a session, with their finished children."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            total += sum(int(field) for field in fields[11:15]) / _TICK
    return total


def rss() -> float:
    """Resident megabytes of this process."""
    return _status("VmRSS")


def peak() -> float:
    """The most resident megabytes that this process has had."""
    return _status("VmHWM")


def _status(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


def child(script: str, *arguments: str, **environment: str) -> dict[str, Any]:
    """What a script of this folder prints as JSON on its last line, run in a fresh process."""
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    if done.returncode:
        raise SystemExit(f"{script} failed:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
