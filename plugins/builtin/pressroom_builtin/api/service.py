"""Changing dashboards and charts, and trying queries; every method takes the principal first and authorises there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pressroom import (
    Cancellation,
    Chart,
    Conflict,
    Dashboard,
    DefinitionError,
    Principal,
    Problem,
    StepError,
    UsageError,
)
from pressroom_builtin.api import wire
from pressroom_builtin.api.desk import Desk, check_seen, plain, revision_of
from pressroom_builtin.api.rows import columns_of, preview_of

if TYPE_CHECKING:
    from pressroom import Stored

READ, WRITE = "dashboards:read", "dashboards:write"
CHART = "charts[0]."


class Studio(Desk):
    """What an editor of dashboards needs."""

    def sources(self, principal: Principal, project: str) -> list[wire.SourceItem]:
        """The sources that the project may use."""
        principal.require(WRITE)
        self._enter(principal, project)
        found = []
        for name, settings in sorted(self.host.settings.sources.items()):
            if settings.admits(project):
                dialect = self.host.source(name, project).dialect
                found.append(wire.SourceItem(name=name, type=settings.type, dialect=dialect))
        return found

    def dashboard(self, principal: Principal, project: str, uid: str) -> wire.DashboardBody:
        """A dashboard's definition.

        Raises:
            NotFound: the project has none of that uid.
        """
        principal.require(READ)
        return _body(self._enter(principal, project).dashboards.get(uid))

    def create(self, principal: Principal, project: str, definition: dict[str, Any]) -> wire.DashboardBody:
        """Store a new dashboard; uids that it lacks are made.

        Raises:
            DefinitionError: mistakes in it.
            Conflict: its uid, or a chart's, is taken.
        """
        principal.require(WRITE)
        dashboard = self._check(principal, project, definition)
        with self.host.store.transaction() as transaction:
            dashboards = transaction.project(project).dashboards
            if dashboards.find(dashboard.uid) is not None:
                raise Conflict(f"there is a dashboard {dashboard.uid!r} already")
            stored = dashboards.save(dashboard, by=principal.name)
            transaction.audit.record(principal.name, WRITE, project=project, target=f"dashboard {dashboard.uid}")
        return _body(stored)

    def replace(
        self, principal: Principal, project: str, uid: str, definition: dict[str, Any], match: str = ""
    ) -> wire.DashboardBody:
        """Put a definition in a stored dashboard's place; raises as `create` does, and NotFound.

        Args:
            match: see `check_seen`, which raises Changed.
        """

        def seen(board: Dashboard) -> dict[str, Any]:
            check_seen(match, revision_of(board), f"the dashboard {uid}")
            return definition

        return self._change(principal, project, uid, seen)

    def delete(self, principal: Principal, project: str, uid: str, match: str = "") -> None:
        """Remove a dashboard with its charts; reports that show it say that it is gone.

        Raises:
            NotFound: there is none.
            Changed: see `replace`.
        """
        principal.require(WRITE)
        self._enter(principal, project)
        with self.host.store.transaction() as transaction:
            dashboards = transaction.project(project).dashboards
            check_seen(match, revision_of(dashboards.get(uid).value), f"the dashboard {uid}")
            dashboards.delete(uid)
            detail = {"deleted": True}
            target = f"dashboard {uid}"
            transaction.audit.record(principal.name, WRITE, project=project, target=target, detail=detail)

    def chart(
        self, principal: Principal, project: str, uid: str, cancellation: Cancellation | None = None
    ) -> wire.ChartBody:
        """A chart's definition, and the columns that its query gives over the dashboard's own range.

        Args:
            cancellation: stops the query.

        Raises:
            NotFound: the project has no such chart.
        """
        principal.require(READ)
        board, chart = self._enter(principal, project).dashboards.chart(uid)
        body = wire.ChartBody(uid=uid, revision=revision_of(chart), dashboard=board.uid, definition=plain(chart))
        seconds = self.host.settings.limits.query_seconds
        try:
            with (
                self._context(seconds, cancellation) as context,
                self.host.press.kept_chart_rows(project, uid, context=context) as found,
            ):
                body.columns = columns_of(found.rows.columns)
        except StepError as error:
            # an editor may read what a source says; a viewer sees that it failed
            body.problem = error.message if principal.may(WRITE) else "the query failed"
        return body

    def add_chart(
        self, principal: Principal, project: str, dashboard: str, definition: dict[str, Any]
    ) -> wire.ChartBody:
        """Put a new chart on a dashboard; raises as `replace` does."""
        before: set[str] = set()

        def add(board: Dashboard) -> dict[str, Any]:
            before.update(chart.uid for chart in board.charts)
            return plain(board) | {"charts": [*map(plain, board.charts), definition]}

        stored = self._change(principal, project, dashboard, add)
        return _chart_of(stored, next(each["uid"] for each in stored.definition["charts"] if each["uid"] not in before))

    def replace_chart(
        self, principal: Principal, project: str, uid: str, definition: dict[str, Any], match: str = ""
    ) -> wire.ChartBody:
        """Put a definition in a chart's place; raises as `replace` does."""
        return _chart_of(self._change_chart(principal, project, uid, match, [{**definition, "uid": uid}]), uid)

    def delete_chart(self, principal: Principal, project: str, uid: str, match: str = "") -> None:
        """Take a chart from its dashboard; raises as `replace` does."""
        self._change_chart(principal, project, uid, match, [])

    def _change_chart(
        self, principal: Principal, project: str, uid: str, match: str, instead: list[dict[str, Any]]
    ) -> wire.DashboardBody:
        """Put other charts in the place of one."""
        principal.require(WRITE)
        dashboard = self._enter(principal, project).dashboards.of_chart(uid).uid

        def swap(board: Dashboard) -> dict[str, Any]:
            charts: list[dict[str, Any]] = []
            for chart in board.charts:
                if chart.uid == uid:
                    check_seen(match, revision_of(chart), f"the chart {uid}")
                charts += instead if chart.uid == uid else [plain(chart)]
            return plain(board) | {"charts": charts}

        return self._change(principal, project, dashboard, swap)

    def preview(
        self, principal: Principal, project: str, asked: dict[str, Any], cancellation: Cancellation | None = None
    ) -> wire.PreviewBody:
        """The rows of a chart that need not be stored.

        Args:
            asked: `chart`, and of the dashboard around it what matters: `time_range`, `timezone`, `variables`.
            cancellation: stops the query.

        Raises:
            DefinitionError: mistakes in it.
            StepError: the query failed.
        """
        # whoever may try a query reads whatever the source lets be read
        principal.require(WRITE)
        chart = asked.get("chart")
        unknown = sorted(asked.keys() - {"chart", "time_range", "timezone", "variables"})
        if not isinstance(chart, dict) or unknown:
            raise UsageError("a preview takes chart, and time_range, timezone, variables where they matter")
        given = {key: value for key, value in asked.items() if key != "chart"}
        try:
            board = self._check(principal, project, {"name": "preview", **given, "charts": [chart]}, fresh=True)
        except DefinitionError as error:
            raise DefinitionError(
                [Problem(each.message, each.field.replace(CHART, "chart.")) for each in error.problems]
            ) from None
        with self._context(self.host.settings.limits.query_seconds, cancellation) as context:
            found = self.host.press.draft_rows(project, board, board.charts[0], context=context)
            return preview_of(found.rows)

    def _change(
        self, principal: Principal, project: str, uid: str, change: Callable[[Dashboard], dict[str, Any]]
    ) -> wire.DashboardBody:
        """Read, change and store a dashboard, so that nobody else's change is lost between."""
        principal.require(WRITE)
        self._enter(principal, project)
        with self.host.store.transaction() as transaction:
            dashboards = transaction.project(project).dashboards
            definition = {**change(dashboards.get(uid).value), "uid": uid}
            stored = dashboards.save(self._check(principal, project, definition), by=principal.name)
            transaction.audit.record(principal.name, WRITE, project=project, target=f"dashboard {uid}")
        return _body(stored)

    def _check(
        self, principal: Principal, project: str, definition: dict[str, Any], *, fresh: bool = False
    ) -> Dashboard:
        self._enter(principal, project)
        if fresh:
            # the uids of a stored chart that is tried are taken already
            definition = definition | {"charts": [_without_uid(chart) for chart in definition["charts"]]}
        return self.host.check_dashboard(project, definition)


def _without_uid(chart: Any) -> Any:
    return {key: value for key, value in chart.items() if key != "uid"} if isinstance(chart, dict) else chart


def _body(stored: Stored[Dashboard]) -> wire.DashboardBody:
    return wire.DashboardBody(
        uid=stored.uid,
        revision=revision_of(stored.value),
        definition=plain(stored.value),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        creator=stored.creator,
        updater=stored.updater,
    )


def _chart_of(board: wire.DashboardBody, uid: str) -> wire.ChartBody:
    """A chart of a dashboard that was just stored."""
    definition = next(chart for chart in board.definition["charts"] if chart["uid"] == uid)
    revision = revision_of(Chart.model_validate(definition))
    return wire.ChartBody(uid=uid, revision=revision, dashboard=board.uid, definition=definition)
