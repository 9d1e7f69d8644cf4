"""What a clock does beside planning: it says that it ticks, tells of failures, and empties what is old."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pressroom.errors import PressroomError
from pressroom.press.alerts import Alerts
from pressroom.press.retention import Retention
from pressroom.store.heartbeats import Heartbeats

if TYPE_CHECKING:
    from pressroom.host import Host

log = logging.getLogger("pressroom.clock")
BEAT = timedelta(seconds=5)
ALERTS = timedelta(seconds=5)
RETENTION = timedelta(hours=1)
SILENT = timedelta(minutes=1)
"""A clock that was not heard of for so long counts as stopped."""


class Chore:
    """Something to do every so often.

    Args:
        do: takes the moment; True where it wants to go on at the next turn.
        every: time between two turns; a clock that was set back does not hold it up.
    """

    def __init__(self, name: str, do: Callable[[datetime], bool], every: timedelta) -> None:
        self._name, self._do, self._every = name, do, every
        self._last: datetime | None = None

    def turn(self, now: datetime) -> None:
        """Do it, where it is time; a failure is logged, and it is tried again when it is time again."""
        if self._last is not None and self._last <= now < self._last + self._every:
            return
        self._last = now
        try:
            if self._do(now):
                self._last = None
        except PressroomError as error:
            log.error("%s: %s", self._name, error)
        except Exception:
            log.exception("%s failed", self._name)


class Chores:
    """All of them, in short turns.

    Args:
        host: the workspace.
        process: the name that this clock's signs of life carry.
    """

    def __init__(self, host: Host, process: str) -> None:
        self._host = host
        self._process = process
        alerts, retention = Alerts(host), Retention(host)
        self._all = (
            Chore("signs of life", self._beat, BEAT),
            Chore("telling of failures", lambda now: alerts.sweep(now) > 0, ALERTS),
            Chore("retention", lambda now: retention.sweep(now).more, RETENTION),
        )

    def turn(self, now: datetime) -> None:
        """Do what it is time for."""
        for chore in self._all:
            chore.turn(now)

    def end(self) -> None:
        """Say that this clock stops."""
        Heartbeats(self._host.store.sessions).end(self._process)

    def _beat(self, now: datetime) -> bool:
        Heartbeats(self._host.store.sessions).beat(self._process, now)
        return False
