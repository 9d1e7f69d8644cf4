"""Which reports are due: the clock's own view of the reports table, over all projects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from pressroom.models.reports import Report
from pressroom.models.tables import ProjectRow, ReportRow
from pressroom.store.definitions import load
from pressroom.store.sessions import Sessions


@dataclass(frozen=True)
class Due:
    """A report whose next moment has come.

    Attributes:
        project: uid.
        planned_at: that moment, as the table holds it.
        since: moments at or before it never run.
    """

    id: int
    project: str
    report: Report
    planned_at: datetime
    since: datetime


class Schedules:
    """Reads and moves the next moments of all reports.

    Args:
        sessions: where to work.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def due(self, now: datetime, limit: int) -> list[Due]:
        """Scheduled reports whose next moment is not after `now`, earliest first; the cost follows their number."""
        found = (
            select(ReportRow, ProjectRow.uid)
            .join(ProjectRow, col(ProjectRow.id) == col(ReportRow.project_id))
            .where(col(ReportRow.next_run_at) <= now)
            .order_by(col(ReportRow.next_run_at), col(ReportRow.id))
            .limit(limit)
        )
        with self._sessions.read() as session:
            return [
                Due(
                    id=int(row.id or 0),
                    project=project,
                    report=load(Report, row.definition, f"report {row.uid}"),
                    planned_at=row.next_run_at,
                    since=row.schedule_changed_at,
                )
                for row, project in session.exec(found)
                if row.next_run_at is not None
            ]

    def move(self, due: Due, following: datetime | None) -> bool:
        """Set the next moment, unless somebody else has moved it or changed the schedule meanwhile.

        Returns:
            Whether it was moved; whoever gets True plans the run, in the same transaction.
        """
        statement = (
            sa.update(ReportRow)
            .where(
                col(ReportRow.id) == due.id,
                col(ReportRow.next_run_at) == due.planned_at,
                col(ReportRow.schedule_changed_at) == due.since,
            )
            .values(next_run_at=following)
        )
        with self._sessions.write() as session:
            return bool(session.exec(statement).rowcount)

    def following(self) -> datetime | None:
        """The earliest next moment of all reports; None where nothing is planned."""
        with self._sessions.read() as session:
            return session.exec(select(sa.func.min(col(ReportRow.next_run_at)))).one()
