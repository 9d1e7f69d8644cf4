"""`vertical-bar`: metrics over time, or over one dimension, as columns."""

from __future__ import annotations

from typing import Annotated, Literal

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
)
from pressroom.locales import Locale
from pressroom_builtin.charts.reducing import thin_bars
from pressroom_builtin.charts.series import series_of
from pressroom_builtin.charts.shaping import mixed, notes, placed, shared


class VerticalBarOptions(PluginOptions):
    """How a vertical bar chart looks."""

    stacked: bool = pydantic.Field(True, description="Lay the series on top of each other rather than side by side.")
    share: bool = pydantic.Field(False, description="Stack to 100 %, so that only the proportions show.")
    y_title: str = pydantic.Field("", description="Title of the value axis.")
    legend: Literal["auto", "none", "bottom"] = pydantic.Field(
        "auto", description="Where the legend stands; auto is at the bottom where there are several series."
    )
    max_series: Annotated[int, pydantic.Field(ge=1, le=50)] = pydantic.Field(
        12, description="Series drawn at most; those with the largest totals stay."
    )
    top: Annotated[int, pydantic.Field(ge=1, le=200)] = pydantic.Field(
        40, description="Without a time column: bars drawn at most, the first ones of the query's order."
    )


class VerticalBarChart(ChartFormatter[PluginConfig, VerticalBarOptions]):
    """Metrics as columns.

    Rows are `[time, dimension, metric ...]`, ascending in time; of a query without time they are
    `[dimension, metric ...]` in the query's order.
    """

    name = "vertical-bar"
    summary = "Metrics over time, or over a dimension, as columns"
    Options = VerticalBarOptions
    time_axis = True
    needs = "a time column and at most one dimension, or one or two dimensions without it, and at least one metric"

    def rows(self, dataset: Dataset, options: VerticalBarOptions, request: Request) -> Dataset:
        """The axis first, then the dimension that splits, then the metrics."""
        return placed(self, dataset, request)

    def figure(self, rows: Dataset, options: VerticalBarOptions, request: Request, context: Context) -> Figure:
        """Columns at every bucket of the window, or at the first dimension's values."""
        axis = rows.columns[0]
        series = series_of(rows, axis, request, options.max_series)
        frame, left_out = series.frame, ""
        places = frame["x"].unique(maintain_order=True)
        if axis.kind == "time":
            frame = thin_bars(frame)
        elif places.len() > options.top:
            frame = frame.filter(frame["x"].is_in(places.head(options.top).implode()))
        shown = frame["x"].n_unique()
        if shown < places.len():
            left_out = Locale.of(request.locale).word("points_left_out", shown=shown, total=places.len())
        several = len(series.order) > 1
        grouped = not (options.stacked or options.share) or mixed(rows.metrics)
        split = "series" if several else ""
        values = frame["x"].dt.epoch("ms").to_list() if axis.kind == "time" else frame["x"].to_list()
        return Plot(
            columns=(
                PlotColumn(name="place", kind=axis.kind, values=values),
                PlotColumn(name="series", kind=Kind.text, values=frame["series"].to_list()),
                PlotColumn(name="value", kind=Kind.number, values=frame["y"].to_list()),
            ),
            marks=(
                Mark(
                    kind="bar",
                    x="place",
                    y="value",
                    series=split,
                    stack="none" if grouped or not several else "share" if options.share else "zero",
                ),
            ),
            x=Axis(kind="time" if axis.kind == "time" else "category"),
            y=Axis(title=options.y_title, format=shared(rows.metrics, "format"), unit=shared(rows.metrics, "unit")),
            zone=request.window.zone,
            bucket=request.window.interval,
            series_order=series.order,
            legend=("bottom" if several else "none") if options.legend == "auto" else options.legend,
            note=notes(rows, request, series.note, left_out),
        )
