"""`line`: metrics over time, one line a metric or a value of the dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

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
from pressroom_builtin.charts.reducing import thin_bars, thin_lines
from pressroom_builtin.charts.series import Series, series_of
from pressroom_builtin.charts.shaping import notes, shared, timed

if TYPE_CHECKING:
    import polars as pl


class LineOptions(PluginOptions):
    """How a line chart looks."""

    points: Literal["auto", "always", "never"] = pydantic.Field(
        "auto", description="Dots on the lines: auto marks only values that stand alone between gaps."
    )
    fill: bool = pydantic.Field(False, description="Fill the space under the lines.")
    stacked: bool = pydantic.Field(False, description="Lay the filled series on top of each other.")
    y_zero: bool = pydantic.Field(False, description="Let the value axis begin at 0.")
    y_title: str = pydantic.Field("", description="Title of the value axis.")
    legend: Literal["auto", "none", "bottom"] = pydantic.Field(
        "auto", description="Where the legend stands; auto is at the bottom where there are several series."
    )
    max_series: Annotated[int, pydantic.Field(ge=1, le=50)] = pydantic.Field(
        12, description="Lines drawn at most; those with the largest totals stay."
    )


class LineChart(ChartFormatter[PluginConfig, LineOptions]):
    """Metrics over time.

    Rows are `[time, dimension, metric ...]`, ascending in time. The figure has every bucket of the window,
    null where the query gave none.
    """

    name = "line"
    summary = "Metrics over time as lines"
    Options = LineOptions
    time_axis = True
    needs = "a time column, at most one dimension and at least one metric"

    def rows(self, dataset: Dataset, options: LineOptions, request: Request) -> Dataset:
        """Time first, then the dimension, then the metrics; ascending in time."""
        return timed(self, dataset, request)

    def figure(self, rows: Dataset, options: LineOptions, request: Request, context: Context) -> Figure:
        """Lines with gaps; long series are thinned to what can be seen."""
        time = rows.columns[0]
        series = series_of(rows, time, request, options.max_series)
        # what lies on each other must keep the same places
        frame = thin_bars(series.frame) if options.stacked else thin_lines(series.frame, len(series.order))
        left_out = ""
        if frame.height < series.frame.height:
            left_out = Locale.of(request.locale).word("points_left_out", shown=frame.height, total=series.frame.height)
        several = len(series.order) > 1
        return Plot(
            columns=line_columns(frame),
            marks=_marks(frame, series, options),
            x=Axis(kind="time"),
            y=Axis(
                title=options.y_title,
                format=shared(rows.metrics, "format"),
                unit=shared(rows.metrics, "unit"),
                zero=options.y_zero or options.fill or options.stacked,
            ),
            zone=request.window.zone,
            bucket=request.window.interval,
            series_order=series.order,
            legend=("bottom" if several else "none") if options.legend == "auto" else options.legend,
            note=notes(rows, request, series.note, left_out),
        )


def line_columns(frame: pl.DataFrame) -> tuple[PlotColumn, ...]:
    """`time`, `series`, `value`, and `alone` where values stand between gaps, which no line shows."""
    import polars as pl

    around = pl.col("y").shift(1).over("series").is_null() & pl.col("y").shift(-1).over("series").is_null()
    alone = frame.select(pl.when(around).then(pl.col("y"))).to_series()
    columns = [
        PlotColumn(name="time", kind=Kind.time, values=frame["x"].dt.epoch("ms").to_list()),
        PlotColumn(name="series", kind=Kind.text, values=frame["series"].to_list()),
        PlotColumn(name="value", kind=Kind.number, values=frame["y"].to_list()),
    ]
    if alone.null_count() < alone.len():
        columns.append(PlotColumn(name="alone", kind=Kind.number, values=alone.to_list()))
    return tuple(columns)


def _marks(frame: pl.DataFrame, series: Series, options: LineOptions) -> tuple[Mark, ...]:
    split = "series" if len(series.order) > 1 else ""
    marks = []
    if options.fill or options.stacked:
        stack: Literal["zero", "none"] = "zero" if options.stacked else "none"
        marks.append(Mark(kind="area", x="time", y="value", series=split, stack=stack))
    if not options.stacked:
        marks.append(Mark(kind="line", x="time", y="value", series=split))
    if options.points == "always":
        marks.append(Mark(kind="point", x="time", y="value", series=split))
    elif options.points == "auto" and not options.stacked and any(c.name == "alone" for c in line_columns(frame)):
        marks.append(Mark(kind="point", x="time", y="alone", series=split))
    return tuple(marks)
