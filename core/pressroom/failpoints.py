"""Places where the tests of faults may kill, hang or fail a process: every step's boundary names itself here.

Nothing happens at them unless the environment says so when the process starts:

    PRESSROOM_FAILPOINT=deliver.handed_over=kill        the first time that a process comes by
    PRESSROOM_FAILPOINT=store.committing:7=raise        the seventh time
    PRESSROOM_FAILPOINT_ONCE=fired                      a file: made when it happens, and while it is there
                                                        nothing happens again, in whatever process
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from typing import NoReturn, Protocol

VARIABLE, ONCE = "PRESSROOM_FAILPOINT", "PRESSROOM_FAILPOINT_ONCE"
ACTIONS = ("kill", "raise", "hang")
NAMES = (
    "clock.planning",
    "clock.planned",
    "clock.recovered",
    "clock.offered",
    "store.committing",
    "store.committed",
    "press.claimed",
    "press.addressed",
    "press.composed",
    "press.rendered",
    "press.kept",
    "press.made",
    "press.released",
    "press.delivered",
    "press.finished",
    "deliver.claimed",
    "deliver.handing_over",
    "deliver.handed_over",
    "deliver.answered",
    "deliver.recorded",
)
"""All of them: of the clock, of every transaction, of a run, and of each message."""


class Visitor(Protocol):
    """Whoever wants to know that a process comes by."""

    def __call__(self, name: str) -> None:
        """Called with the name of the place."""


class InjectedError(Exception):
    """What the action `raise` raises."""


class Trap:
    """Acts when a process comes by a place for the nth time.

    Args:
        spec: `name[:nth]=action`.
        once: path of the file that says that it has happened; empty for none.

    Raises:
        ValueError: no such place or action.
    """

    def __init__(self, spec: str, once: str = "") -> None:
        place, _, self._action = spec.partition("=")
        self._name, _, nth = place.partition(":")
        self._nth = int(nth or 1)
        self._once = once
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        if self._name not in NAMES or self._action not in ACTIONS:
            raise ValueError(f"{VARIABLE}={spec!r}: write name[:nth]=action, one of {ACTIONS} at one of {NAMES}")

    def __call__(self, name: str) -> None:
        """Act, where it is the place and the time."""
        if name != self._name:
            return
        with self._lock:
            self._seen[name] += 1
            due = self._seen[name] == self._nth and self._first()
        if due:
            self._act()

    def _first(self) -> bool:
        if not self._once:
            return True
        try:
            os.close(os.open(self._once, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return False
        return True

    def _act(self) -> NoReturn:
        if self._action == "raise":
            raise InjectedError(self._name)
        if self._action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        while True:
            threading.Event().wait(3600)


visitor: Visitor | None = None
"""None in production: then coming by costs one comparison."""
if VARIABLE in os.environ:
    visitor = Trap(os.environ[VARIABLE], os.environ.get(ONCE, ""))


def failpoint(name: str) -> None:
    """Say that a step's boundary is reached; does nothing outside tests of faults."""
    if visitor is not None:
        visitor(name)
