"""A line in the log for each request, at a tenth of what `logging` takes for it.

A record of `logging` costs more than a small answer does. Lines are therefore gathered and written together, in
the form that `[log]` asks for, to where the other lines go; they carry their own times.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import nullcontext
from functools import lru_cache
from typing import NamedTuple

import msgspec

from pressroom.logs import JsonLines, TextLines
from pressroom.models.values import clean

NAME = "pressroom.http"
GATHER_SECONDS = 0.2
MOST = 1000
"""Lines that are gathered; then they are written at once."""
log = logging.getLogger(NAME)


class Entry(NamedTuple):
    """One request.

    Attributes:
        at: when it ended, in epoch seconds.
        status: 0 where it was never answered.
        path: without the query, which may hold secrets.
    """

    at: float
    client: str
    method: str
    path: str
    status: int
    seconds: float
    request: str


class AccessLog:
    """Gathers the lines of one process."""

    def __init__(self) -> None:
        self._waiting: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Take a line; to be called in the event loop."""
        if not log.isEnabledFor(logging.INFO):
            return
        self._waiting.append(entry)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(GATHER_SECONDS, self.flush)
        elif len(self._waiting) >= MOST:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered."""
        entries, self._waiting = self._waiting, []
        for handler in logging.getLogger("pressroom").handlers if entries else ():
            if isinstance(handler, logging.StreamHandler) and isinstance(handler.formatter, TextLines | JsonLines):
                form = _json if isinstance(handler.formatter, JsonLines) else _text
                with handler.lock or nullcontext():
                    handler.stream.write("".join(map(form, entries)))
                    handler.flush()


def _text(entry: Entry) -> str:
    return (
        f"{_moment(entry.at)} info {NAME} request={entry.request}: {entry.client} {entry.method} "
        f"{_path(entry.path)} {entry.status or '-'} {entry.seconds * 1000:.1f} ms\n"
    )


def _json(entry: Entry) -> str:
    fields = {
        "time": _moment(entry.at),
        "level": "info",
        "logger": NAME,
        "message": f"{entry.method} {_path(entry.path)} {entry.status or '-'}",
        "request": entry.request,
        "client": entry.client,
        "method": entry.method,
        "path": _path(entry.path),
        "status": entry.status,
        "seconds": round(entry.seconds, 6),
    }
    return msgspec.json.encode(fields).decode() + "\n"


def _path(path: str) -> str:
    return clean(path).translate({10: "\\n", 13: "\\r", 9: " "}) if not path.isprintable() else path


def _moment(at: float) -> str:
    return f"{_second(int(at))}.{int(at % 1 * 1000):03d}Z"


@lru_cache(maxsize=16)
def _second(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
