"""Private RabbitMQ and Redis servers from the machine's own packages, for one test session."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Not the wrapper on the PATH, which becomes another user."""
RABBITMQ_SETTINGS = """\
listeners.tcp.local = 127.0.0.1:{port}
disk_free_limit.absolute = 1MB
log.console = true
log.console.level = warning
log.file = false
"""


def rabbitmq_missing() -> str:
    """Why RabbitMQ cannot be started; empty where it can."""
    missing = not RABBITMQ.exists() or shutil.which("epmd") is None
    return "RabbitMQ's programs are not installed (apt-get install rabbitmq-server)" if missing else ""


def redis_missing() -> str:
    """Why Redis cannot be started; empty where it can."""
    missing = shutil.which("redis-server") is None
    return "Redis is not installed (apt-get install redis-server)" if missing else ""


@contextmanager
def running_rabbitmq() -> Iterator[str]:
    """A node of its own, with its own port mapper and data; gives its URL."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="pressroom-mq-", dir="/tmp"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        port, distribution, mapper = free_port(), free_port(), free_port()
        (folder / "plugins").write_text("[].\n")
        (folder / "rabbitmq.conf").write_text(RABBITMQ_SETTINGS.format(port=port))
        environment = {
            **os.environ,
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"test{port}@localhost",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            # its threads shall not burn the tests' cores while they wait
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none +S 2:2",
        }
        stack.enter_context(_running(["epmd", "-port", str(mapper)], environment, folder / "epmd.log"))
        wait_for_port(mapper)
        server = stack.enter_context(_running([str(RABBITMQ)], environment, folder / "log.txt"))
        wait_for_port(port, server, folder / "log.txt")
        yield f"amqp://guest:guest@127.0.0.1:{port}//"


@contextmanager
def running_redis() -> Iterator[str]:
    """A server that keeps nothing on disk; gives its URL."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="pressroom-redis-", dir="/tmp"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        port = free_port()
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
        server = stack.enter_context(_running(command, os.environ, folder / "log.txt"))
        wait_for_port(port, server, folder / "log.txt")
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _running(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program for the block; it and its children are killed afterwards, for they hold nothing worth keeping."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, cwd="/", stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, server: subprocess.Popen[bytes] | None = None, log: Path | None = None) -> None:
    """Until something listens there.

    Raises:
        RuntimeError: the program ended, or it took a minute.
    """
    limit = time.monotonic() + 60
    while time.monotonic() < limit and (server is None or server.poll() is None):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}: {log.read_text()[-2000:] if log else ''}")
