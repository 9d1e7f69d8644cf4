"""Reports: also by number, and by the dashboards that they show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from pressroom.errors import DefinitionError, NotFound
from pressroom.models.reports import Report
from pressroom.models.tables import OwnedRow, ReportDashboardRow, ReportRow
from pressroom.recurrence import first_moment
from pressroom.store.definitions import LARGEST, possible
from pressroom.store.repository import Repository
from pressroom.store.values import Stored


class ReportRepository(Repository[Report]):
    """Reports of one project.

    A change of the schedule or the state moves the moment up to which nothing runs, and the next one.
    """

    model, table, what = Report, ReportRow, "report"

    def by_id(self, number: int) -> Stored[Report]:
        """The report with that number.

        Raises:
            NotFound: the project has none.
        """
        with self._sessions.read() as session:
            found = self._mine().where(col(ReportRow.id) == number)
            row = session.exec(found).first() if 0 < number <= LARGEST else None
            if row is None:
                raise NotFound(f"no report with the id {number}")
            return self._stored(row)

    def numbers(self, *, state: str = "", dashboard: str = "") -> list[int]:
        """Numbers of all reports, oldest first; of those in a state, or that show a dashboard, where it is named."""
        if not possible(dashboard) or not possible(state):
            return []
        found = select(ReportRow.id).where(col(ReportRow.project_id) == self._project_id)
        if state:
            found = found.where(col(ReportRow.state) == state)
        if dashboard:
            shown = select(ReportDashboardRow.report_id).where(col(ReportDashboardRow.dashboard_uid) == dashboard)
            found = found.where(col(ReportRow.id).in_(shown))
        with self._sessions.read() as session:
            return [int(number or 0) for number in session.exec(found.order_by(col(ReportRow.id)))]

    def by_ids(self, numbers: Sequence[int]) -> list[Stored[Report]]:
        """The reports with these numbers that there are, oldest first; at most some hundred."""
        with self._sessions.read() as session:
            found = self._mine().where(col(ReportRow.id).in_(numbers)).order_by(col(ReportRow.id))
            return [self._stored(row) for row in session.exec(found)]

    def scheduled_since(self, number: int) -> datetime:
        """When the report was made or its schedule changed last: what a schedule without a start repeats from.

        Raises:
            NotFound: the project has none of that number.
        """
        with self._sessions.read() as session:
            found = self._mine().where(col(ReportRow.id) == number)
            row = session.exec(found).first() if 0 < number <= LARGEST else None
            if row is None:
                raise NotFound(f"no report with the id {number}")
            since: datetime = row.schedule_changed_at
            return since

    def using(self, dashboard_uid: str) -> list[Stored[Report]]:
        """Reports that show a dashboard, oldest first."""
        if not possible(dashboard_uid):
            return []
        with self._sessions.read() as session:
            shown = select(ReportDashboardRow.report_id).where(col(ReportDashboardRow.dashboard_uid) == dashboard_uid)
            found = self._mine().where(col(ReportRow.id).in_(shown)).order_by(col(ReportRow.id))
            return [self._stored(row) for row in session.exec(found)]

    def _put(self, session: Session, value: Report, by: str) -> OwnedRow:
        row = super()._put(session, value, by)
        session.flush()
        report_id = int(row.id or 0)
        session.exec(sa.delete(ReportDashboardRow).where(col(ReportDashboardRow.report_id) == report_id))
        for uid in {dashboard.uid for dashboard in value.dashboards}:
            session.add(ReportDashboardRow(report_id=report_id, dashboard_uid=uid))
        return row

    def _columns(self, value: Report, now: datetime) -> dict[str, Any]:
        return {"state": value.state, "schedule_changed_at": now, "next_run_at": first_moment(value, now)}

    def _changed(self, row: OwnedRow, value: Report, now: datetime) -> None:
        assert isinstance(row, ReportRow)
        try:
            old = self._stored(row).value
            same = (old.schedule, old.state) == (value.schedule, value.state)
        except DefinitionError:
            # stored by a version that allowed more: the clock has left it out, and takes it up again
            same = False
        if not same:
            row.state, row.schedule_changed_at, row.next_run_at = value.state, now, first_moment(value, now)
