"""`area`: metrics over time as filled areas, laid on top of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
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
from pressroom_builtin.charts.line import line_columns
from pressroom_builtin.charts.reducing import thin_bars, thin_lines
from pressroom_builtin.charts.series import Series, series_of
from pressroom_builtin.charts.shaping import mixed, notes, shared, timed

if TYPE_CHECKING:
    import polars as pl

Stack = Literal["none", "zero", "share"]


class AreaOptions(PluginOptions):
    """How an area chart looks."""

    stacked: bool = pydantic.Field(
        True, description="Lay the series on top of each other; metrics of different units never are."
    )
    share: bool = pydantic.Field(False, description="Stack to 100 %, so that only the proportions show.")
    y_title: str = pydantic.Field("", description="Title of the value axis.")
    legend: Literal["auto", "none", "bottom"] = pydantic.Field(
        "auto", description="Where the legend stands; auto is at the bottom where there are several series."
    )
    max_series: Annotated[int, pydantic.Field(ge=1, le=50)] = pydantic.Field(
        12, description="Series drawn at most, those with the largest totals; stacked, the rest is added up as one."
    )


class AreaChart(ChartFormatter[PluginConfig, AreaOptions]):
    """Metrics over time; rows are `[time, dimension, metric ...]`, ascending in time."""

    name = "area"
    summary = "Metrics over time as areas on top of each other"
    Options = AreaOptions
    time_axis = True
    needs = "a time column, at most one dimension and at least one metric"

    def rows(self, dataset: Dataset, options: AreaOptions, request: Request) -> Dataset:
        """Time first, then the dimension, then the metrics; ascending in time."""
        return timed(self, dataset, request)

    def figure(self, rows: Dataset, options: AreaOptions, request: Request, context: Context) -> Figure:
        """Areas over every bucket of the window."""
        locale = Locale.of(request.locale)
        stack: Stack = "none"
        if (options.stacked or options.share) and not mixed(rows.metrics):
            stack = "share" if options.share else "zero"
        others = locale.word("other") if stack != "none" else ""
        series = series_of(rows, rows.columns[0], request, options.max_series, others=others)
        several = len(series.order) > 1
        frame = series.frame if stack == "none" else _level(series.frame)
        # what lies on each other must keep the same places
        drawn = thin_lines(frame, len(series.order)) if stack == "none" else thin_bars(frame)
        left_out = ""
        if drawn.height < frame.height:
            left_out = locale.word("points_left_out", shown=drawn.height, total=frame.height)
        columns, alone = _columns(drawn, stack)
        return Plot(
            columns=columns,
            marks=_marks(stack, several=several, alone=alone),
            x=Axis(kind="time"),
            y=Axis(title=options.y_title, format=shared(rows.metrics, "format"), unit=shared(rows.metrics, "unit")),
            zone=request.window.zone,
            bucket=request.window.interval,
            series_order=series.order,
            colors=series.colors,
            legend=("bottom" if several else "none") if options.legend == "auto" else options.legend,
            note=notes(rows, request, _said(series, stack), left_out),
        )


def _said(series: Series, stack: Stack) -> str:
    """Nothing is left out of a stack: the rest is in it as one."""
    return series.note if stack == "none" else ""


def _level(frame: pl.DataFrame) -> pl.DataFrame:
    """Nothing where a series has no value but another has one: what lies above it must not fall down."""
    import polars as pl

    known = pl.col("y").is_not_null().any().over("x")
    return frame.with_columns(y=pl.when(known).then(pl.col("y").fill_null(0.0)))


def _columns(frame: pl.DataFrame, stack: Stack) -> tuple[tuple[PlotColumn, ...], bool]:
    """The columns, and whether some values stand alone between gaps: there is no area without a neighbour."""
    columns = line_columns(frame)
    if stack == "none" or len(columns) == 3:
        return columns, len(columns) > 3
    import polars as pl

    amount = pl.col("y") / pl.col("y").abs().sum().over("x") if stack == "share" else pl.col("y")
    placed = frame.with_columns(alone=pl.Series(columns[3].values, dtype=pl.Float64), amount=amount)
    top = pl.col("amount").cum_sum().over(["x", pl.col("amount") < 0])
    tops = placed.select(pl.when(pl.col("alone").is_not_null()).then(top)).to_series().to_list()
    return (*columns[:3], msgspec.structs.replace(columns[3], kind=Kind.number, values=tops)), True


def _marks(stack: Stack, *, several: bool, alone: bool) -> tuple[Mark, ...]:
    split = "series" if several else ""
    marks = [Mark(kind="area", x="time", y="value", series=split, stack=stack)]
    if stack == "none" or not several:
        marks.append(Mark(kind="line", x="time", y="value", series=split))
    if alone:
        marks.append(Mark(kind="point", x="time", y="alone", series=split))
    return tuple(marks)
