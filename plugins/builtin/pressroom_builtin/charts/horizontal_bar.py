"""`horizontal-bar`: the values of a dimension ranked by a metric."""

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
from pressroom_builtin.charts.series import series_of
from pressroom_builtin.charts.shaping import chosen, notes, ordered, shared


class HorizontalBarOptions(PluginOptions):
    """How a horizontal bar chart looks."""

    top: Annotated[int, pydantic.Field(ge=1, le=100)] = pydantic.Field(
        15, description="Bars drawn at most, those with the highest values; the rows keep all."
    )
    stacked: bool = pydantic.Field(
        False, description="With several metrics: end to end rather than one under the other."
    )
    values: bool = pydantic.Field(True, description="Write the value at the end of each bar.")
    x_title: str = pydantic.Field("", description="Title of the value axis.")
    legend: Literal["auto", "none", "bottom"] = pydantic.Field(
        "auto", description="Where the legend stands; auto is at the bottom where there are several metrics."
    )


class HorizontalBarChart(ChartFormatter[PluginConfig, HorizontalBarOptions]):
    """A ranking: rows are `[dimension, metric ...]`, by the first metric, highest first."""

    name = "horizontal-bar"
    summary = "The values of a dimension, ranked by a metric"
    Options = HorizontalBarOptions
    needs = "one dimension and at least one metric"

    def rows(self, dataset: Dataset, options: HorizontalBarOptions, request: Request) -> Dataset:
        """The dimension, then the metrics; by the first metric, descending."""
        if len(dataset.dimensions) != 1 or not dataset.metrics:
            raise self.misfit(dataset, request)
        columns = (*dataset.dimensions, *dataset.metrics)
        return ordered(dataset, columns, dataset.metrics[0], descending=True)

    def figure(self, rows: Dataset, options: HorizontalBarOptions, request: Request, context: Context) -> Figure:
        """The first `top` rows as bars, highest at the top."""
        dimension, metrics = rows.dimensions[0], rows.metrics
        frame = rows.frame()
        if rows.large:
            frame = frame.top_k(options.top, by=metrics[0].name).sort(metrics[0].name, descending=True)
        shown = chosen(Dataset.of(frame.head(options.top), rows.columns), rows.columns)
        series = series_of(shown, dimension, request, len(metrics))
        locale, left_out = Locale.of(request.locale), ""
        if shown.rows < rows.rows:
            left_out = locale.word("categories_left_out", shown=shown.rows, total=rows.rows)
        several = len(metrics) > 1
        stacked = several and options.stacked and len({metric.unit for metric in metrics}) == 1
        values: list[float | None] = series.frame["y"].to_list()
        marks = [
            Mark(
                kind="bar",
                x="value",
                y="place",
                series="series" if several else "",
                stack="zero" if stacked else "none",
                label="label" if options.values and not stacked else "",
            )
        ]
        format, unit = shared(metrics, "format"), shared(metrics, "unit")
        return Plot(
            columns=(
                PlotColumn(name="place", kind=Kind.text, values=series.frame["x"].to_list()),
                PlotColumn(name="series", kind=Kind.text, values=series.frame["series"].to_list()),
                PlotColumn(name="value", kind=Kind.number, values=list(values)),
                PlotColumn(name="label", kind=Kind.number, values=list(values), unit=unit, format=format),
            ),
            marks=tuple(marks),
            x=Axis(title=options.x_title, format=format, unit=unit),
            y=Axis(kind="category"),
            series_order=series.order,
            legend=("bottom" if several else "none") if options.legend == "auto" else options.legend,
            note=notes(rows, request, left_out),
        )
