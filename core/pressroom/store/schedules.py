"""Which reports are due: the clock's own view of the reports table, over all projects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from pressroom.errors import DefinitionError
from pressroom.models.reports import Report
from pressroom.models.tables import ProjectRow, ReportRow
from pressroom.store.definitions import load
from pressroom.store.sessions import Sessions


@dataclass(frozen=True)
class Due:
    """A report whose next moment has come.

    Attributes:
        project: uid.
        report: its definition, or what is wrong with the stored one.
        planned_at: that moment, as the table holds it.
        since: moments at or before it never run.
    """

    id: int
    uid: str
    name: str
    project_id: int
    project: str
    report: Report | str
    planned_at: datetime
    since: datetime


class Schedules:
    """Reads and moves the next moments of all reports.

    Args:
        sessions: where to work.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def due(self, now: datetime, limit: int, without: Collection[int] = ()) -> list[Due]:
        """Scheduled reports whose next moment is not after `now`, earliest first; the cost follows their number.

        Args:
            limit: how many.
            without: ids of reports to leave out.
        """
        found = (
            select(ReportRow, ProjectRow.uid)
            .join(ProjectRow, col(ProjectRow.id) == col(ReportRow.project_id))
            .where(col(ReportRow.next_run_at) <= now, col(ReportRow.id).not_in(without))
            .order_by(col(ReportRow.next_run_at), col(ReportRow.id))
            .limit(limit)
        )
        with self._sessions.read() as session:
            return [
                Due(
                    id=int(row.id or 0),
                    uid=row.uid,
                    name=row.name,
                    project_id=row.project_id,
                    project=project,
                    report=_definition(row),
                    planned_at=row.next_run_at,
                    since=row.schedule_changed_at,
                )
                for row, project in session.exec(found)
                if row.next_run_at is not None
            ]

    def move(self, following: Sequence[tuple[Due, datetime | None]]) -> set[int]:
        """Set next moments, except where somebody else has moved them or changed the schedule meanwhile.

        Returns:
            Ids of the reports that were moved; whoever moves one plans its runs, in the same transaction.
        """
        statement = (
            sa.update(ReportRow)
            .where(
                col(ReportRow.id) == sa.bindparam("report"),
                col(ReportRow.next_run_at) == sa.bindparam("planned"),
                col(ReportRow.schedule_changed_at) == sa.bindparam("since"),
            )
            .values(next_run_at=sa.bindparam("following"))
        )
        moved: set[int] = set()
        with self._sessions.write() as session:
            connection = session.connection()
            for due, moment in following:
                values = {"report": due.id, "planned": due.planned_at, "since": due.since, "following": moment}
                if connection.execute(statement, values).rowcount:
                    moved.add(due.id)
        return moved

    def following(self) -> datetime | None:
        """The earliest next moment of all reports; None where nothing is planned."""
        with self._sessions.read() as session:
            return session.exec(select(sa.func.min(col(ReportRow.next_run_at)))).one()


def _definition(row: ReportRow) -> Report | str:
    try:
        return load(Report, row.definition, f"report {row.uid}")
    except DefinitionError as error:
        return error.message
