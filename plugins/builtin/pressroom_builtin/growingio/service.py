"""The computed-results API without its HTTP: every method takes the principal first and authorises there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pressroom import (
    Chart,
    ChartFormatter,
    Context,
    Host,
    NotReady,
    PressroomError,
    Principal,
    ProjectStore,
    Query,
    QueryError,
    Segment,
    Window,
)
from pressroom.timerange import zone_info
from pressroom_builtin.growingio import wire
from pressroom_builtin.growingio.answers import EVERYBODY, ChartAnswer
from pressroom_builtin.growingio.buckets import Asked

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import polars as pl

    from pressroom import Answer, Dashboard, Scene, Stored

log = logging.getLogger("pressroom.growingio")
T = TypeVar("T")
MAX_USERS = 1_000_000_000
SEPARATORS = {"tab": "\t", "comma": ","}


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Listed(Generic[T]):
    """A list, with what its items cannot say.

    Attributes:
        warnings: sentences.
    """

    items: list[T] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Users:
    """A segment's users.

    Attributes:
        answer: when the source was asked, and what identifies its answer.
        frames: the users in pieces, each with the query's columns.
        separator: what stands between fields in the project.
    """

    answer: Answer
    frames: Iterator[pl.DataFrame]
    separator: str


class Results:
    """Dashboards, charts, segments and rules of a workspace.

    Args:
        host: the workspace.
        now: the clock; for tests.
    """

    def __init__(self, host: Host, now: Callable[[], datetime] = utc_now) -> None:
        self.host = host
        self.now = now

    def dashboards(self, principal: Principal, project: str, *, ask: bool = True) -> Listed[wire.DashboardItem]:
        """The project's dashboards, the newest update first."""
        principal.require("dashboards:read")
        store = self._store(principal, project)
        zone = zone_info(self.host.repositories.projects.get(project).value.timezone)
        found = sorted(store.dashboards.list(), key=lambda item: (item.updated_at, item.id), reverse=True)
        return Listed([_item(stored, zone) for stored in found])

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
    def chart(
        self,
        principal: Principal,
        project: str,
        uid: str,
        asked: Asked,
        *,
        audience: bool = False,
        ask: bool = True,
    ) -> Iterator[ChartAnswer]:
        """A chart's data, from kept answers where there is one; good while the block runs.

        Args:
            audience: the form of the v2 path: whom the rows are about, and numbers with the period before.
            ask: whether the source may be asked where nothing is kept.

        Raises:
            UsageError: a range or interval that cannot be.
            NotFound: no such chart.
            StepError: its query failed.
            NotReady: nothing is kept, and the source may not be asked.
        """
        principal.require("dashboards:read")
        store = self._store(principal, project)
        asked.check()

        def buckets(scene: Scene, _chart: Chart, formatter: ChartFormatter[Any, Any]) -> Window:
            cut = asked.window if formatter.time_axis else asked.whole
            return cut(scene.start, scene.end, scene.zone)

        previous = audience and store.dashboards.chart(uid)[1].type == "number"
        with (
            self._context() as context,
            self.host.press.kept_chart_rows(
                project, uid, window=buckets, previous=previous, context=context, ask=ask
            ) as found,
        ):
            yield ChartAnswer(found, asked, self._audience(store, found.chart) if audience else "")

    def segments(self, principal: Principal, project: str, *, ask: bool = True) -> Listed[wire.Segment]:
        """The project's segments with their users counted; one that cannot be counted has 0, and a warning says so.

        Args:
            ask: whether sources may be asked where no count is kept.

        Raises:
            NotReady: a count is not kept, and sources may not be asked.
        """
        principal.require("segments:read")
        store = self._store(principal, project)
        zone = zone_info(self.host.repositories.projects.get(project).value.timezone)
        found: Listed[wire.Segment] = Listed()
        for item in store.segments.list():
            number, at = self._count(project, item.value, found.warnings, ask)
            found.items.append(
                wire.Segment(
                    id=item.uid,
                    name=item.value.name,
                    user_type=item.value.user_type,
                    user_num=number,
                    updated_at=at.astimezone(zone).date().isoformat(),
                )
            )
        return found

    @contextmanager
    def users(self, principal: Principal, project: str, uid: str, *, ask: bool = True) -> Iterator[Users]:
        """A segment's users, from kept answers where there is one; good while the block runs.

        Args:
            ask: whether the source may be asked where nothing is kept.

        Raises:
            NotFound: no such segment.
            StepError: its query failed.
            NotReady: nothing is kept, and the source may not be asked.
        """
        principal.require("segments:read")
        segment = self._store(principal, project).segments.get(uid).value
        with (
            self._context() as context,
            self.host.press.kept_frames(project, segment.source, _query(segment.query), context, ask=ask) as (
                answer,
                frames,
            ),
        ):
            yield Users(answer, frames, self._separator(project))

    def rules(self, principal: Principal, project: str) -> list[wire.Rule]:
        """The project's event rules."""
        principal.require("rules:read")
        found = self._store(principal, project).rules.list()
        return [
            wire.Rule(rule_id=item.value.id, event_name=item.value.name, event_type=item.value.type) for item in found
        ]

    def _store(self, principal: Principal, project: str) -> ProjectStore:
        return self.host.repositories.project(principal.enter(project))

    def separator(self, principal: Principal, project: str) -> str:
        """What stands between the fields of the project's `users.csv` and `rules.csv`."""
        principal.require("rules:read")
        self._store(principal, project)
        return self._separator(project)

    def _separator(self, project: str) -> str:
        return SEPARATORS[self.host.repositories.projects.get(project).value.csv_separator]

    def _audience(self, store: ProjectStore, chart: Chart) -> str:
        segment = store.segments.find(chart.segment) if chart.segment else None
        return segment.value.name if segment and segment.value.name else EVERYBODY

    def _count(self, project: str, segment: Segment, warnings: list[str], ask: bool) -> tuple[int, datetime]:
        try:
            return self._counted(project, segment, ask)
        except NotReady:
            raise
        except PressroomError as error:
            log.warning("the segment %s cannot be counted: %s", segment.uid, error.message)
            warnings.append(
                f"the users of the segment {segment.uid} cannot be counted; 0 stands in place of their number"
            )
            return 0, self.now()

    def _counted(self, project: str, segment: Segment, ask: bool) -> tuple[int, datetime]:
        kept = self.host.press.kept_frames
        with self._context() as context:
            if self.host.source(segment.source, project).dialect:
                inner = segment.query.strip().rstrip(";")
                # the query is an editor's own, and the source allows one reading statement only
                counting = f"SELECT count(*) AS users FROM (\n{inner}\n) AS segment"  # noqa: S608
                try:
                    with kept(project, segment.source, _query(counting), context, ask=ask) as (answer, frames):
                        return int(sum(frame.item() for frame in frames)), answer.made_at
                except QueryError:
                    log.debug("the segment %s is counted user by user", segment.uid)
            with kept(project, segment.source, _query(segment.query), context, ask=ask) as (answer, frames):
                return sum(frame.height for frame in frames), answer.made_at

    @contextmanager
    def _context(self) -> Iterator[Context]:
        # no TemporaryDirectory: a reader who goes away leaves a stream to the garbage collector, which then warns
        folder = Path(mkdtemp(prefix="pressroom-"))
        try:
            limit = self.host.settings.limits.query_seconds
            yield Context(folder, timeout=limit, cancellation=self.host.closing)
        finally:
            rmtree(folder, ignore_errors=True)


def _query(text: str) -> Query:
    return Query(text=text, max_rows=MAX_USERS)


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
