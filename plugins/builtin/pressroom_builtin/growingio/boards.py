"""The results API's dashboards: those that are stored, and those that sources offer."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pressroom import NotReady, PressroomError, Principal
from pressroom_builtin.growingio import wire
from pressroom_builtin.growingio.desk import Desk, Listed

if TYPE_CHECKING:
    from pressroom import Dashboard, Source, Stored

log = logging.getLogger("pressroom.growingio")


class Boards(Desk):
    """Dashboards and their charts."""

    def dashboards(self, principal: Principal, project: str, *, ask: bool = True) -> Listed[wire.DashboardItem]:
        """The project's dashboards, the newest update first; behind them those that sources offer.

        Args:
            ask: whether sources may be asked.

        Raises:
            NotReady: there are sources that offer dashboards, and they may not be asked.
        """
        principal.require("dashboards:read")
        store = self._store(principal, project)
        zone = self._zone(project)
        stored = sorted(store.dashboards.list(), key=lambda item: (item.updated_at, item.id), reverse=True)
        found = Listed([_item(each, zone) for each in stored])
        sources = self.host.press.offering(project)
        if sources and not ask:
            raise NotReady
        for source in sources:
            self._add_offered(source, found, self.now().astimezone(zone))
        return found

    def _add_offered(self, source: Source[Any], found: Listed[wire.DashboardItem], now: datetime) -> None:
        known = {item.id for item in found.items}
        name, day = source.setup.instance, now.date().isoformat()
        try:
            with self._context() as context:
                offered = list(source.dashboards(context))
        except PressroomError as error:
            log.warning("the source %s cannot list its dashboards: %s", name, error.message)
            found.warnings.append(f"the dashboards of the source {name} are missing: it cannot be asked now")
            return
        found.items.extend(
            wire.DashboardItem(
                id=board.uid,
                name=board.name,
                type="dashboard",
                created_at=day,
                updated_at=day,
                scope="project",
                updater=name,
                creator=name,
            )
            for board in offered
            if board.uid not in known
        )

    def dashboard(self, principal: Principal, project: str, uid: str, *, ask: bool = True) -> wire.Dashboard:
        """One dashboard with its charts: a stored one, else one that a source offers.

        Charts have no author and date of their own: theirs are the dashboard's, or of an offered one the source's
        name and this moment.

        Args:
            ask: whether sources may be asked.

        Raises:
            NotFound: the project has none of that uid; names the nearest.
            NotReady: a source may offer it, and may not be asked.
        """
        principal.require("dashboards:read")
        stored = self._store(principal, project).dashboards.find(uid)
        if stored is not None:
            return _shown(stored.value, stored.creator, stored.created_at)
        if not ask and self.host.press.offering(project):
            raise NotReady
        with self._context() as context:
            offered = self.host.press.find_dashboard(project, uid, context)
        return _shown(offered, next((chart.source for chart in offered.charts), ""), self.now())


def _item(stored: Stored[Dashboard], zone: ZoneInfo) -> wire.DashboardItem:
    return wire.DashboardItem(
        id=stored.uid,
        name=stored.value.name,
        type="dashboard",
        created_at=stored.created_at.astimezone(zone).date().isoformat(),
        updated_at=stored.updated_at.astimezone(zone).date().isoformat(),
        scope="project",
        updater=stored.updater,
        creator=stored.creator,
    )


def _shown(board: Dashboard, creator: str, created_at: datetime) -> wire.Dashboard:
    created = created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    charts = [
        wire.ChartItem(id=chart.uid, name=chart.name, createor=creator, created_at=created) for chart in board.charts
    ]
    return wire.Dashboard(id=board.uid, name=board.name, charts=charts)
