"""A private PostgreSQL cluster from the machine's own packages, for one test session."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ACCOUNTS = ("postgres", "nobody")


def find_programs() -> Path | None:
    """The folder of `initdb` and `postgres`; None where they are not installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


@contextmanager
def running_cluster(programs: Path, *, durable: bool = False) -> Iterator[str]:
    """A fresh cluster on a free loopback port; gives the superuser's URL and takes everything down again.

    Args:
        durable: commits wait for the disk, as they do wherever data counts; for measuring.
    """
    with cluster(programs, durable=durable) as running:
        yield running.url


class Cluster:
    """A cluster that can be stopped and started; see `cluster`.

    Attributes:
        url: of the superuser.
    """

    def __init__(self, programs: Path, folder: Path, *, durable: bool) -> None:
        self._programs, self._folder = programs, folder
        self._port = _free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"
        as_user = _drop_privileges(folder)
        init = [*as_user, str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
        subprocess.run(
            [*init, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
            **dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "on" if durable else "off"),
            "max_connections": "50",
            "shared_buffers": "32MB",
        }
        self._command = [*as_user, str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(self._port)]
        self._command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def start(self) -> None:
        """Return once it answers."""
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(self._command, cwd="/", stdout=log, stderr=log)
        try:
            _wait(self._programs, self._port, self._server, self._folder / "log")
        except BaseException:
            self.stop()
            raise

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it: SIGINT breaks all connections off, SIGQUIT is a crash, SIGTERM waits some seconds for clients."""
        self._server.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            self._server.wait(20)
        self._server.kill()
        self._server.wait()


@contextmanager
def cluster(programs: Path, *, durable: bool = False) -> Iterator[Cluster]:
    """See `running_cluster`; this one can be stopped and started meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="pressroom-pg-", dir="/tmp"))
    try:
        made = Cluster(programs, folder, durable=durable)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _drop_privileges(folder: Path) -> Sequence[str]:
    """PostgreSQL refuses to run as root: give the folder to another account and become that."""
    if os.geteuid() != 0:
        return ()
    for name in ACCOUNTS:
        with suppress(KeyError):
            account = pwd.getpwnam(name)
            os.chown(folder, account.pw_uid, account.pw_gid)
            return ("setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    raise RuntimeError(f"none of the accounts {', '.join(ACCOUNTS)} exists")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(programs: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit and server.poll() is None:
        asked = subprocess.run([programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
        if asked.returncode == 0:
            return
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
