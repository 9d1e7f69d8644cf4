"""How the press is doing, at a glance: whether a clock ticks, what waits, what is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from pressroom.models.ledger_tables import RunRow
from pressroom.models.tables import AuditRow, ReportRow
from pressroom.press.chores import SILENT
from pressroom.press.ledger_rows import claimable
from pressroom.press.ledger_states import OPEN_RUNS
from pressroom.press.retention import folders
from pressroom.store.heartbeats import Heartbeats

if TYPE_CHECKING:
    from pressroom.host import Host


@dataclass(frozen=True)
class Vitals:
    """What was found at one moment.

    Attributes:
        at: that moment.
        last_tick: when a clock ticked last, to a few seconds; None where none did lately.
        clocks: processes that ticked within the last minute.
        due, due_since: runs that may be worked on now, and since when the first of them waits.
        working: runs that somebody works on.
        later: runs that wait for their moment or for a later try.
        overdue_since: the earliest planned moment of a report that no clock has noticed.
        next_moment: when the next report is due.
        runs, oldest: runs that are kept, and when the oldest of them ended.
        audit: entries of the audit log that are kept.
        folders: folders of runs that are kept.
    """

    at: datetime
    last_tick: datetime | None
    clocks: int
    due: int
    due_since: datetime | None
    working: int
    later: int
    overdue_since: datetime | None
    next_moment: datetime | None
    runs: int
    oldest: datetime | None
    audit: int
    folders: int

    @property
    def waiting_since(self) -> datetime | None:
        """Since when something waits that a clock would have seen to."""
        return min((moment for moment in (self.due_since, self.overdue_since) if moment), default=None)


def vitals(host: Host) -> Vitals:
    """Look at a workspace's store and files.

    Raises:
        StoreError: the store cannot be read.
    """
    now = host.store.clock()
    beats = Heartbeats(host.store.sessions).list()
    with host.store.sessions.read() as session:
        due, due_since = _count(session, RunRow.due_at, *claimable(now))
        opened, _ = _count(session, RunRow.due_at, col(RunRow.state).in_(OPEN_RUNS))
        working, _ = _count(session, RunRow.due_at, col(RunRow.lease_until) > now, col(RunRow.state).in_(OPEN_RUNS))
        runs, oldest = _count(session, RunRow.finished_at)
        audit, _ = _count(session, AuditRow.at)
        _, next_moment = _count(session, ReportRow.next_run_at)
    return Vitals(
        at=now,
        last_tick=beats[0].at if beats else None,
        clocks=sum(beat.at > now - SILENT for beat in beats),
        due=due,
        due_since=due_since,
        working=working,
        later=max(0, opened - due - working),
        overdue_since=next_moment if next_moment is not None and next_moment <= now else None,
        next_moment=next_moment,
        runs=runs,
        oldest=oldest,
        audit=audit,
        folders=sum(1 for _ in folders(host.workspace.files)),
    )


def _count(session: Session, moment: Any, *conditions: sa.ColumnElement[bool]) -> tuple[int, datetime | None]:
    """How many rows there are, and the earliest of their moments."""
    found: Any = select(sa.func.count(), sa.func.min(moment)).select_from(moment.class_).where(*conditions)
    count, earliest = session.exec(found).one()
    return int(count), earliest
