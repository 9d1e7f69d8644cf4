"""Signs of life: which processes' clocks tick, and when each did last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from pressroom.models.ledger_tables import HeartbeatRow
from pressroom.store.sessions import Sessions


@dataclass(frozen=True)
class Heartbeat:
    """A process whose clock ticks, or did.

    Attributes:
        process: host name, number and something random; different for every start.
        started_at: its first tick.
        at: its last one, to a few seconds.
    """

    process: str
    started_at: datetime
    at: datetime


class Heartbeats:
    """Reads and writes them.

    Args:
        sessions: where to work.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def beat(self, process: str, now: datetime) -> None:
        """Say that a process's clock ticks now."""
        with self._sessions.write() as session:
            row = session.get(HeartbeatRow, process)
            if row is None:
                session.add(HeartbeatRow(process=process, started_at=now, at=now))
            else:
                row.at = now

    def list(self) -> list[Heartbeat]:
        """All of them, the latest first."""
        with self._sessions.read() as session:
            rows = session.exec(select(HeartbeatRow).order_by(col(HeartbeatRow.at).desc(), col(HeartbeatRow.process)))
            return [Heartbeat(row.process, row.started_at, row.at) for row in rows]

    def end(self, process: str) -> None:
        """Forget a process that stops in good order."""
        with self._sessions.write() as session:
            session.exec(sa.delete(HeartbeatRow).where(col(HeartbeatRow.process) == process))

    def forget(self, before: datetime) -> int:
        """Forget those that were last heard of before a moment.

        Returns:
            How many.
        """
        with self._sessions.write() as session:
            return int(session.exec(sa.delete(HeartbeatRow).where(col(HeartbeatRow.at) < before)).rowcount)
