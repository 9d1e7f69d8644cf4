"""The computed-results API without its HTTP: every method takes the principal first and authorises there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pressroom import Chart, ChartFormatter, Principal, ProjectStore, Window
from pressroom_builtin.growingio import wire
from pressroom_builtin.growingio.answers import EVERYBODY, ChartAnswer
from pressroom_builtin.growingio.boards import Boards
from pressroom_builtin.growingio.buckets import Asked
from pressroom_builtin.growingio.segments import Segments

if TYPE_CHECKING:
    from pressroom import Scene


class Results(Boards, Segments):
    """Dashboards, charts, segments and rules of a workspace."""

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

        compared = (lambda chart: chart.type == "number") if audience else None
        with (
            self._context() as context,
            self.host.press.kept_chart_rows(
                project, uid, window=buckets, previous=compared, context=context, ask=ask
            ) as found,
        ):
            yield ChartAnswer(found, asked, self._audience(store, found.chart) if audience else "")

    def rules(self, principal: Principal, project: str) -> list[wire.Rule]:
        """The project's event rules."""
        principal.require("rules:read")
        found = self._store(principal, project).rules.list()
        return [
            wire.Rule(rule_id=item.value.id, event_name=item.value.name, event_type=item.value.type) for item in found
        ]

    def separator(self, principal: Principal, project: str) -> str:
        """What stands between the fields of the project's `users.csv` and `rules.csv`."""
        principal.require("rules:read")
        self._store(principal, project)
        return self._separator(project)

    def _audience(self, store: ProjectStore, chart: Chart) -> str:
        segment = store.segments.find(chart.segment) if chart.segment else None
        return segment.value.name if segment and segment.value.name else EVERYBODY
