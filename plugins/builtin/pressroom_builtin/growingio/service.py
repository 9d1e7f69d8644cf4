"""The computed-results API without its HTTP: every method takes the principal first and authorises there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pressroom import (
    Chart,
    ChartFormatter,
    Context,
    Host,
    PressroomError,
    Principal,
    ProjectStore,
    Query,
    QueryError,
    Segment,
    Window,
)
from pressroom.timerange import zone_info
from pressroom_builtin.growingio import rows, wire
from pressroom_builtin.growingio.buckets import Asked

if TYPE_CHECKING:
    import polars as pl

    from pressroom import ChartRows, Scene

log = logging.getLogger("pressroom.growingio")
MAX_USERS = 1_000_000_000


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class ChartAnswer:
    """A chart's data as it is read, good while its context is open.

    Attributes:
        chart: everything but the rows.
        found: what the press gave.
        asked: what was asked for.
    """

    chart: wire.ChartData
    found: ChartRows
    asked: Asked

    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows in bounded pieces, see `rows.frames`."""
        found = self.found
        fill = found.formatter.time_axis
        return rows.frames(found.rows, found.request.window, self.asked.interval, fill=fill)

    def whole(self) -> wire.ChartData:
        """The documented answer with all rows."""
        self.chart.data = [row for frame in self.frames() for row in frame.iter_rows()]
        return self.chart


class Results:
    """Dashboards, charts, segments and rules of a workspace.

    Args:
        host: the workspace.
        now: the clock; for tests.
    """

    def __init__(self, host: Host, now: Callable[[], datetime] = utc_now) -> None:
        self.host = host
        self.now = now

    def dashboards(self, principal: Principal, project: str) -> list[wire.DashboardItem]:
        """The project's dashboards, the newest update first."""
        principal.require("dashboards:read")
        store = self._store(principal, project)
        zone = zone_info(self.host.repositories.projects.get(project).value.timezone)
        found = sorted(store.dashboards.list(), key=lambda item: (item.updated_at, item.id), reverse=True)
        return [
            wire.DashboardItem(
                id=item.uid,
                name=item.value.name,
                type="dashboard",
                created_at=item.created_at.astimezone(zone).date().isoformat(),
                updated_at=item.updated_at.astimezone(zone).date().isoformat(),
                scope="project",
                updater=item.updater,
                creator=item.creator,
            )
            for item in found
        ]

    def dashboard(self, principal: Principal, project: str, uid: str) -> wire.Dashboard:
        """One dashboard with its charts.

        Raises:
            NotFound: the project has none of that uid; names the nearest.
        """
        principal.require("dashboards:read")
        found = self._store(principal, project).dashboards.get(uid)
        created = found.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return wire.Dashboard(
            id=found.uid,
            name=found.value.name,
            charts=[
                wire.ChartItem(id=chart.uid, name=chart.name, createor=found.creator, created_at=created)
                for chart in found.value.charts
            ],
        )

    @contextmanager
    def chart(self, principal: Principal, project: str, uid: str, asked: Asked) -> Iterator[ChartAnswer]:
        """A chart's data; rows that are many lie on disk while the block runs.

        Raises:
            UsageError: a range or interval that cannot be.
            NotFound: no such chart.
            StepError: its query failed.
        """
        principal.require("dashboards:read")
        self._store(principal, project)
        asked.check()
        with self._context() as context:

            def buckets(scene: Scene, _chart: Chart, formatter: ChartFormatter[Any, Any]) -> Window:
                window = asked.window(scene.start, scene.end, scene.zone)
                return window if formatter.time_axis else window.whole()

            found = self.host.press.chart_rows(project, uid, window=buckets, context=context)
            start, end = asked.range(found.scene.start, found.scene.end)
            answer = wire.ChartData(
                id=found.chart.uid,
                name=found.chart.name,
                start_time=start,
                end_time=end,
                interval=asked.interval,
                meta=rows.meta(found.rows),
                data=[],
            )
            yield ChartAnswer(answer, found, asked)

    def segments(self, principal: Principal, project: str) -> list[wire.Segment]:
        """The project's segments, counted now; one that cannot be counted has 0 users, and the log says why."""
        principal.require("segments:read")
        store = self._store(principal, project)
        zone = zone_info(self.host.repositories.projects.get(project).value.timezone)
        today = self.now().astimezone(zone).date().isoformat()
        return [
            wire.Segment(
                id=item.uid,
                name=item.value.name,
                user_type=item.value.user_type,
                user_num=self._count(project, item.value),
                updated_at=today,
            )
            for item in store.segments.list()
        ]

    @contextmanager
    def users(self, principal: Principal, project: str, uid: str) -> Iterator[Iterator[pl.DataFrame]]:
        """A segment's users in pieces, each with the query's columns; good while the block runs.

        Raises:
            NotFound: no such segment.
            StepError: its query failed.
        """
        principal.require("segments:read")
        segment = self._store(principal, project).segments.get(uid).value
        with self._context() as context:
            yield self._answer(project, segment.source, segment.query, context)

    def rules(self, principal: Principal, project: str) -> list[wire.Rule]:
        """The project's event rules."""
        principal.require("rules:read")
        found = self._store(principal, project).rules.list()
        return [
            wire.Rule(rule_id=item.value.id, event_name=item.value.name, event_type=item.value.type) for item in found
        ]

    def _store(self, principal: Principal, project: str) -> ProjectStore:
        return self.host.repositories.project(principal.enter(project))

    def _count(self, project: str, segment: Segment) -> int:
        try:
            return self._counted(project, segment)
        except PressroomError as error:
            log.warning("the segment %s cannot be counted: %s", segment.uid, error.message)
            return 0

    def _counted(self, project: str, segment: Segment) -> int:
        inner = segment.query.strip().rstrip(";")
        with self._context() as context:
            if self.host.source(segment.source, project).dialect:
                # the query is an editor's own, and the source allows one reading statement only
                counting = f"SELECT count(*) AS users FROM (\n{inner}\n) AS segment"  # noqa: S608
                try:
                    return int(sum(frame.item() for frame in self._answer(project, segment.source, counting, context)))
                except QueryError:
                    log.debug("the segment %s is counted user by user", segment.uid)
            return sum(frame.height for frame in self._answer(project, segment.source, segment.query, context))

    def _answer(self, project: str, source: str, text: str, context: Context) -> Iterator[pl.DataFrame]:
        import polars as pl

        for batch in self.host.source(source, project).query(Query(text=text, max_rows=MAX_USERS), context):
            context.check()
            yield pl.DataFrame(batch)

    @contextmanager
    def _context(self) -> Iterator[Context]:
        with TemporaryDirectory(prefix="pressroom-") as folder:
            yield Context(Path(folder), timeout=self.host.settings.limits.query_seconds)
