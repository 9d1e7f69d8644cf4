"""`pressroom serve` as a process of its own, with a plugin whose routes tests can hold up."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PLUGIN = '''
"""Routes for tests."""

import time

from litestar import get, post
from litestar.params import RawBody
from litestar.response import Stream

from pressroom import Host, hookimpl
from pressroom_server.auth import CurrentHost, CurrentPrincipal


@get("/held", opt={"public": True}, sync_to_thread=True)
def held(host: CurrentHost) -> str:
    folder = host.workspace.folder
    (folder / "held").touch()
    for _ in range(6000):
        if (folder / "go").exists():
            return "done"
        time.sleep(0.01)
    return "never"


@post("/size", opt={"public": True})
async def size(body: RawBody) -> dict[str, int]:
    return {"size": len(body)}


@get("/flood", opt={"public": True}, sync_to_thread=False)
def flood() -> Stream:
    return Stream(b"x" * 65536 for _ in range(2000))


@get("/me", sync_to_thread=False)
def me(principal: CurrentPrincipal) -> dict[str, str]:
    return {"name": principal.name, "project": principal.project}


@get("/admins", sync_to_thread=False)
def admins(principal: CurrentPrincipal) -> str:
    principal.require("access:write")
    return "in"


@get("/boom", opt={"public": True}, sync_to_thread=False)
def boom() -> str:
    raise RuntimeError("the inside of the server")


@hookimpl
def register_routes(host: Host):
    return [held, size, flood, me, admins, boom]
'''


def install_plugin(folder: Path) -> None:
    """Put the plugin where a process finds it that has the folder on its path."""
    (folder / "held_routes.py").write_text(PLUGIN, encoding="utf-8")
    info = folder / "held_routes-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: held-routes\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[pressroom]\nheld = held_routes\n", encoding="utf-8")


@dataclass
class Running:
    """A server process.

    Attributes:
        log: file of what it writes to standard error.
    """

    process: subprocess.Popen[bytes]
    folder: Path
    log: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Running]:
    """A server of the workspace in a folder, on a free port; killed where the block leaves it running."""
    log = folder / "serve.log"
    command = [sys.executable, "-c", "import sys; from pressroom_cli.main import main; sys.exit(main())"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    environment.pop("PRESSROOM_CONFIG", None)
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command, "serve", "--port", "0", *arguments], cwd=folder, env=environment, stdout=errors, stderr=errors
        )
    try:
        yield Running(process, folder, log, _port(process, log))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        text = log.read_text(encoding="utf-8")
        if found := re.search(r"listening on http://\S+:(\d+)", text):
            return int(found.group(1))
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise AssertionError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
