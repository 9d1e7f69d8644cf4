"""A mail server in a process of its own that misbehaves, and remembers on disk what it accepted.

Run as a script: `mail_process.py FOLDER [PORT]`. It writes `port`, and appends to `accepted.jsonl` (one line for
each recipient of a mail that it took) and to `steps` (each command). It reads `faults.json` before each step.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from servers.smtp import Faults, MailServer, Received
from servers.waiting import wait_until

SCRIPT = Path(__file__)


class Remembering(list[Received]):
    """Keeps each mail on disk before the server says anything about it."""

    def __init__(self, server: MailServer, file: Path) -> None:
        super().__init__()
        self._server = server
        self._file = file

    def append(self, mail: Received) -> None:
        super().append(mail)
        if not self._server.faults.replies.get("content", "250").startswith("250"):
            return
        message = mail.message
        lines = [json.dumps([message["Subject"], message["Message-ID"], to]) + "\n" for to in mail.recipients]
        append(self._file, "".join(lines))


class Steps(list[str]):
    """Each command of a client: told on disk, after the faults were read anew."""

    def __init__(self, server: MailServer, folder: Path) -> None:
        super().__init__()
        self._server = server
        self._folder = folder

    def append(self, step: str) -> None:
        file = self._folder / "faults.json"
        self._server.faults = Faults(**json.loads(file.read_text())) if file.exists() else Faults()
        append(self._folder / "steps", step + "\n")


def append(file: Path, text: str) -> None:
    """Add to a file, down to the disk."""
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)


def main(folder: Path, port: int) -> None:
    """Serve until killed."""
    server = MailServer(Faults(), utf8=True)
    server.port = port
    server.received = Remembering(server, folder / "accepted.jsonl")
    server.commands = Steps(server, folder)
    ready = threading.Event()

    def tell() -> None:
        ready.wait()
        (folder / "port.part").write_text(str(server.port))
        (folder / "port.part").rename(folder / "port")

    threading.Thread(target=tell, daemon=True).start()
    asyncio.run(server.run(ready, None))


class MailProcess:
    """The server, as a test sees it.

    Args:
        folder: where it keeps what it knows; another one with the same folder goes on from there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = 0
        self.start()

    def start(self) -> None:
        """Listen, on the same port as before."""
        (self.folder / "port").unlink(missing_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(SCRIPT.parents[1])}
        self._process = subprocess.Popen([sys.executable, SCRIPT, self.folder, str(self.port)], env=environment)
        wait_until((self.folder / "port").exists, "the mail server listens")
        self.port = int((self.folder / "port").read_text())

    def stop(self) -> None:
        """Be gone at once."""
        self._process.kill()
        self._process.wait()

    def misbehave(self, **faults: Any) -> None:
        """What goes wrong from the next step on, see `Faults`; nothing without arguments."""
        part = self.folder / "faults.part"
        part.write_text(json.dumps(asdict(replace(Faults(), **faults))))
        part.rename(self.folder / "faults.json")

    def steps(self) -> Counter[str]:
        """How often each command came."""
        file = self.folder / "steps"
        return Counter(file.read_text().split() if file.exists() else ())

    def accepted(self) -> Mapping[tuple[str, str], int]:
        """How often the server took a mail, by subject and recipient."""
        return Counter((subject, to) for subject, _, to in self._accepted())

    def message_ids(self, subject: str, to: str) -> set[str]:
        """The Message-IDs of the mails of one subject to one recipient."""
        return {key for found, key, address in self._accepted() if (found, address) == (subject, to)}

    def _accepted(self) -> list[tuple[str, str, str]]:
        file = self.folder / "accepted.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
