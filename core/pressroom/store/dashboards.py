"""Dashboards, and where each chart is: charts are asked for by uid, whatever their dashboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from pressroom.errors import Conflict, NotFound
from pressroom.models.dashboards import Chart, Dashboard
from pressroom.models.tables import ChartRow, DashboardRow
from pressroom.store.definitions import nearest, possible
from pressroom.store.repository import Repository
from pressroom.store.values import Stored


class DashboardRepository(Repository[Dashboard]):
    """Dashboards of one project."""

    model, table, what = Dashboard, DashboardRow, "dashboard"

    def save(self, value: Dashboard, by: str) -> Stored[Dashboard]:
        """See `Repository.save`; raises as `save_all` does."""
        return self.save_all([value], by)[0]

    def save_all(self, values: Sequence[Dashboard], by: str) -> list[Stored[Dashboard]]:
        """Save several at once; a chart may move from one of them to another.

        Raises:
            Conflict: a chart's uid is in two of them, or in a dashboard that is not among them.
        """
        with self._sessions.write() as session:
            self._lock(session)
            rows = [self._put(session, value, by) for value in values]
            session.flush()
            self._place_charts(session, [(int(row.id or 0), value) for row, value in zip(rows, values, strict=True)])
            session.flush()
            return [self._stored(row) for row in rows]

    def described(self) -> dict[str, tuple[str, str]]:
        """Name and description of each by uid, oldest first, without reading the definitions."""
        said = col(DashboardRow.definition)["description"].as_string()
        found = self._columns_of(col(DashboardRow.uid), col(DashboardRow.name), said)
        return {uid: (name, description or "") for uid, name, description in found}

    def of_chart(self, uid: str) -> Stored[Dashboard]:
        """The dashboard that a chart is on; raises as `chart` does."""
        return self.chart(uid)[0]

    def chart(self, uid: str) -> tuple[Stored[Dashboard], Chart]:
        """A chart, with its dashboard.

        Raises:
            NotFound: the project has no such chart; names the nearest.
        """
        mine = col(ChartRow.project_id) == self._project_id
        with self._sessions.read() as session:
            statement = select(DashboardRow).join(ChartRow, col(ChartRow.dashboard_id) == col(DashboardRow.id))
            row = session.exec(statement.where(mine, col(ChartRow.uid) == uid)).first() if possible(uid) else None
            if row is None:
                known = session.exec(select(ChartRow.uid).where(mine)).all()
                raise NotFound(f"no chart {uid!r}{nearest(uid, known)}")
            dashboard = self._stored(row)
        return dashboard, next(chart for chart in dashboard.value.charts if chart.uid == uid)

    def _dump(self, value: Dashboard) -> dict[str, Any]:
        for chart in value.charts:
            chart.model_fields_set.add("uid")
        return super()._dump(value)

    def _place_charts(self, session: Session, dashboards: list[tuple[int, Dashboard]]) -> None:
        places = [(chart.uid, owner) for owner, dashboard in dashboards for chart in dashboard.charts]
        owners, wanted = [owner for owner, _ in dashboards], dict(places)
        twice = [uid for uid, times in Counter(uid for uid, _ in places).items() if times > 1]
        if twice:
            raise Conflict(f"chart {twice[0]!r} is on two dashboards; a chart's uid is unique in its project")
        rows: dict[str, ChartRow] = {}
        mine = select(ChartRow).where(col(ChartRow.project_id) == self._project_id)
        for row in session.exec(mine.where(col(ChartRow.dashboard_id).in_(owners))):
            rows[row.uid] = row
        for uid in wanted.keys() - rows.keys():
            stranger = session.get(ChartRow, (self._project_id, uid))
            if stranger is not None:
                raise Conflict(f"chart {uid!r} is on the dashboard {self._uid_of(session, stranger)!r} already")
            session.add(ChartRow(project_id=self._project_id, uid=uid, dashboard_id=wanted[uid]))
        for uid, row in rows.items():
            if uid in wanted:
                row.dashboard_id = wanted[uid]
            else:
                session.delete(row)

    def _uid_of(self, session: Session, chart: ChartRow) -> str:
        return session.exec(select(DashboardRow.uid).where(col(DashboardRow.id) == chart.dashboard_id)).one()
