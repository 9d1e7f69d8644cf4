"""`two-way-bar`: the highest and the lowest values of a dimension, to both sides of zero."""

from __future__ import annotations

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
from pressroom_builtin.charts.shaping import label_text, notes, ordered

HALF = 10
"""Rows of each end."""


class TwoWayBarOptions(PluginOptions):
    """How a two-way bar chart looks."""

    values: bool = pydantic.Field(True, description="Write the value at the end of each bar.")
    x_title: str = pydantic.Field("", description="Title of the value axis.")


class TwoWayBarChart(ChartFormatter[PluginConfig, TwoWayBarOptions]):
    """Both ends of a ranking: rows are `[dimension, metric]`, the highest 10 and the lowest 10, descending.

    Of fewer than 20 rows each is there once.
    """

    name = "two-way-bar"
    summary = "The highest and the lowest values of a dimension"
    Options = TwoWayBarOptions
    needs = "one dimension and one metric"

    def rows(self, dataset: Dataset, options: TwoWayBarOptions, request: Request) -> Dataset:
        """The highest 10 and the lowest 10, descending; rows without a value come last and only where there is room."""
        if len(dataset.dimensions) != 1 or len(dataset.metrics) != 1:
            raise self.misfit(dataset, request)
        metric = dataset.metrics[0]
        columns = (*dataset.dimensions, metric)
        if dataset.rows <= 2 * HALF:
            return ordered(dataset, columns, metric, descending=True)
        import polars as pl

        frame = dataset.frame().sort(metric.name, descending=True, nulls_last=True, maintain_order=True)
        known = frame.filter(pl.col(metric.name).is_not_null())
        if known.height <= 2 * HALF:
            picked = frame.head(2 * HALF)
        else:
            picked = pl.concat([known.head(HALF), known.tail(HALF)])
        return Dataset.of(picked, columns, truncated=dataset.truncated)

    def figure(self, rows: Dataset, options: TwoWayBarOptions, request: Request, context: Context) -> Figure:
        """Bars to the right of zero in one colour, to the left in another."""
        metric = rows.metrics[0]
        frame = rows.frame()
        values: list[float | None] = frame[metric.name].to_list()
        signs = ["-" if value is not None and value < 0 else "+" for value in values]
        return Plot(
            columns=(
                PlotColumn(
                    name="place",
                    kind=Kind.text,
                    values=frame.select(label_text(rows.dimensions[0], request)).to_series().to_list(),
                ),
                PlotColumn(name="sign", kind=Kind.text, values=list(signs)),
                PlotColumn(name="value", kind=Kind.number, values=list(values)),
                PlotColumn(name="label", kind=Kind.number, values=list(values), unit=metric.unit, format=metric.format),
            ),
            marks=(
                Mark(
                    kind="bar",
                    x="value",
                    y="place",
                    series="sign",
                    stack="zero",
                    label="label" if options.values else "",
                ),
            ),
            x=Axis(title=options.x_title, format=metric.format, unit=metric.unit),
            y=Axis(kind="category"),
            series_order=("+", "-"),
            note=notes(rows, request),
        )
