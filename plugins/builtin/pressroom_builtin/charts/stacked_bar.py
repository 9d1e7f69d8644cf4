"""`stacked-bar`: the parts of a whole over time or over a dimension, end to end in one bar each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import pydantic

from pressroom import (
    Axis,
    ChartFormatter,
    Column,
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

if TYPE_CHECKING:
    import polars as pl


class StackedBarOptions(PluginOptions):
    """How a stacked bar chart looks."""

    direction: Literal["vertical", "horizontal"] = pydantic.Field("vertical", description="Columns, or bars.")
    share: bool = pydantic.Field(False, description="Stack to 100 %, so that only the proportions show.")
    totals: bool = pydantic.Field(
        False, description="Write the sum at the end of each bar; only for metrics that may be added up."
    )
    value_title: str = pydantic.Field("", description="Title of the value axis.")
    legend: Literal["auto", "none", "bottom"] = pydantic.Field(
        "auto", description="Where the legend stands; auto is at the bottom where there are several parts."
    )
    max_series: Annotated[int, pydantic.Field(ge=1, le=50)] = pydantic.Field(
        11, description="Parts drawn at most, those with the largest totals; the rest is added up as one more."
    )
    top: Annotated[int, pydantic.Field(ge=1, le=200)] = pydantic.Field(
        40, description="Without a time column: bars drawn at most, the first ones of the query's order."
    )


class StackedBarChart(ChartFormatter[PluginConfig, StackedBarOptions]):
    """Parts of a whole.

    Rows are `[time, dimension, metric ...]`, ascending in time; of a query without time they are
    `[dimension, dimension, metric ...]` in the query's order. The last dimension, or the metrics, are the parts.
    """

    name = "stacked-bar"
    summary = "The parts of a whole, over time or over a dimension, end to end"
    Options = StackedBarOptions
    time_axis = True
    needs = "a time column and at most one dimension, or one or two dimensions without it, and metrics of the same unit"

    def rows(self, dataset: Dataset, options: StackedBarOptions, request: Request) -> Dataset:
        """The axis first, then the dimension that splits, then the metrics."""
        if mixed(dataset.metrics):
            raise self.misfit(dataset, request)
        return placed(self, dataset, request)

    def figure(self, rows: Dataset, options: StackedBarOptions, request: Request, context: Context) -> Figure:
        """One bar at every bucket of the window, or at each value of the first dimension."""
        axis, locale = rows.columns[0], Locale.of(request.locale)
        series = series_of(rows, axis, request, options.max_series, others=locale.word("other"))
        frame, left_out = _fewer(series.frame, axis, options, locale)
        several, upright = len(series.order) > 1, options.direction == "vertical"
        format, unit = shared(rows.metrics, "format"), shared(rows.metrics, "unit")
        stack: Literal["zero", "share"] = "share" if options.share else "zero"
        bars = Mark(kind="bar", x="place", y="value", series="series" if several else "", stack=stack)
        marks, columns = [bars], _columns(frame, axis)
        if options.totals and not options.share:
            columns.append(_totals(frame, unit, format))
            marks.append(Mark(kind="text", x="place", y="total", label="total"))
        if not upright:
            marks = [msgspec.structs.replace(mark, x=mark.y, y=mark.x) for mark in marks]
        values = Axis(title=options.value_title, format=format, unit=unit)
        places = Axis(kind="time" if axis.kind == "time" else "category")
        return Plot(
            columns=tuple(columns),
            marks=tuple(marks),
            x=places if upright else values,
            y=values if upright else places,
            zone=request.window.zone,
            bucket=request.window.interval,
            series_order=series.order,
            colors=series.colors,
            legend=("bottom" if several else "none") if options.legend == "auto" else options.legend,
            note=notes(rows, request, left_out),
        )


def _fewer(frame: pl.DataFrame, axis: Column, options: StackedBarOptions, locale: Locale) -> tuple[pl.DataFrame, str]:
    """As many places as can be told apart, and a sentence on those left out."""
    import polars as pl

    places = frame["x"].unique(maintain_order=True)
    if axis.kind == "time":
        frame = thin_bars(frame)
    elif places.len() > options.top:
        frame = frame.filter(pl.col("x").is_in(places.head(options.top).implode()))
    shown = frame["x"].n_unique()
    return frame, locale.word("points_left_out", shown=shown, total=places.len()) if shown < places.len() else ""


def _columns(frame: pl.DataFrame, axis: Column) -> list[PlotColumn]:
    places = frame["x"].dt.epoch("ms").to_list() if axis.kind == "time" else frame["x"].to_list()
    return [
        PlotColumn(name="place", kind=axis.kind, values=places),
        PlotColumn(name="series", kind=Kind.text, values=frame["series"].to_list()),
        PlotColumn(name="value", kind=Kind.number, values=frame["y"].to_list()),
    ]


def _totals(frame: pl.DataFrame, unit: str, format: str) -> PlotColumn:
    """The sum of each place, in its first row; null in the others, and where a part is negative."""
    import polars as pl

    first = pl.int_range(pl.len()).over("x") == 0
    fair = (pl.col("y").count().over("x") > 0) & (pl.col("y").min().over("x") >= 0)
    totals = frame.select(pl.when(first & fair).then(pl.col("y").sum().over("x"))).to_series()
    return PlotColumn(name="total", kind=Kind.number, values=totals.to_list(), unit=unit, format=format)
