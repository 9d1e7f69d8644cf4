"""`day-grid`: a metric day by day, weeks from left to right and weekdays from top to bottom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Literal

import pydantic

from pressroom import (
    Axis,
    ChartFormatter,
    Context,
    Dataset,
    Figure,
    Kind,
    Mark,
    Plot,
    PlotColumn,
    PluginConfig,
    PluginOptions,
    Request,
    plot_column,
)
from pressroom.locales import Locale
from pressroom.timerange import zone_info

LONGEST = 10 * 366
"""Days that can be told apart on a page, and more."""


class DayGridOptions(PluginOptions):
    """How a day grid looks."""

    first: Literal["monday", "sunday"] = pydantic.Field("monday", description="The weekday at the top.")


class DayGridChart(ChartFormatter[PluginConfig, DayGridOptions]):
    """One field for each day of the range, darker where the metric is larger; ask with `interval: 1d`."""

    name: ClassVar[str] = "day-grid"
    summary: ClassVar[str] = "A metric by week and weekday"
    Options: ClassVar[type[PluginOptions]] = DayGridOptions
    needs: ClassVar[str] = "a time column and one metric"
    # the query is cut into buckets
    time_axis: ClassVar[bool] = True

    def rows(self, dataset: Dataset, options: DayGridOptions, request: Request) -> Dataset:
        """Time and the metric, in the order of time."""
        if dataset.time is None or dataset.dimensions or len(dataset.metrics) != 1:
            raise self.misfit(dataset, request)
        if dataset.large:
            return dataset
        return Dataset.of(
            dataset.frame().sort(dataset.time.name), (dataset.time, *dataset.metrics), truncated=dataset.truncated
        )

    def figure(self, rows: Dataset, options: DayGridOptions, request: Request, context: Context) -> Figure:
        """Cells; a day without a row has none."""
        metric = rows.metrics[0]
        days = self._days(rows, request)
        shown = _filled(list(days), 0 if options.first == "monday" else 1)
        words = Locale.of(request.locale)
        return Plot(
            columns=(
                PlotColumn(
                    name="week", kind=Kind.text, values=[words.date(week, request.window.zone) for week, _ in shown]
                ),
                PlotColumn(name="weekday", kind=Kind.text, values=[words.weekday(day.weekday()) for _, day in shown]),
                plot_column(metric, [days.get(day) for _, day in shown]),
            ),
            marks=(Mark(kind="rect", x="week", y="weekday", shade=metric.name),),
            x=Axis(kind="category", format=metric.format),
            y=Axis(kind="category"),
            zone=request.window.zone,
        )

    def _days(self, rows: Dataset, request: Request) -> dict[datetime, float | None]:
        """Values by local day; the last one where a day has several buckets."""
        assert rows.time is not None
        zone = zone_info(request.window.zone)
        days: dict[datetime, float | None] = {}
        for batch in rows.batches():
            moments, values = batch[rows.time.name].to_list(), batch[rows.metrics[0].name].to_list()
            for moment, value in zip(moments, values, strict=True):
                if moment is not None and len(days) < LONGEST:
                    local = moment.astimezone(zone)
                    days[local.replace(hour=0, minute=0, second=0, microsecond=0)] = value
        return dict(sorted(days.items()))


def _filled(days: list[datetime], offset: int) -> list[tuple[datetime, datetime]]:
    """Every day from the first week's beginning to the last one, with the beginning of its week.

    Args:
        offset: 0 where weeks begin on Monday, 1 on Sunday.
    """
    if not days:
        return []
    first = days[0] - timedelta(days=(days[0].weekday() + offset) % 7)
    count = min((days[-1] - first).days + 2, LONGEST)
    every = [first + timedelta(days=number) for number in range(count) if first + timedelta(days=number) <= days[-1]]
    return [(first + timedelta(days=number // 7 * 7), day) for number, day in enumerate(every)]
