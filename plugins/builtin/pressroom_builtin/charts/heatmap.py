"""`heatmap`: a metric over two dimensions, or a dimension and time, as colours."""

from __future__ import annotations

from typing import Annotated

import pydantic

from pressroom import (
    Axis,
    ChartError,
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
from pressroom_builtin.charts.shaping import notes, placed

CELLS = 20_000
"""Drawn at most: smaller ones could not be told apart."""


class HeatmapOptions(PluginOptions):
    """How a heat map looks."""

    values: bool = pydantic.Field(True, description="Write the values into the cells where all of them have room.")
    x_title: str = pydantic.Field("", description="Title of the horizontal axis.")
    y_title: str = pydantic.Field("", description="Title of the vertical axis.")
    top: Annotated[int, pydantic.Field(ge=1, le=200)] = pydantic.Field(
        50, description="Lines of cells at most, those with the largest totals."
    )


class HeatmapChart(ChartFormatter[PluginConfig, HeatmapOptions]):
    """Colours by a metric.

    Rows are `[time, dimension, metric]`, ascending in time; of a query without time they are
    `[dimension, dimension, metric]` in the query's order: the first goes across, the second down.
    """

    name = "heatmap"
    summary = "A metric over two dimensions, or over time and a dimension, as colours"
    Options = HeatmapOptions
    time_axis = True
    needs = "a time column and one dimension, or two dimensions without it, and one metric"

    def rows(self, dataset: Dataset, options: HeatmapOptions, request: Request) -> Dataset:
        """What goes across, what goes down, the metric."""
        if len(dataset.metrics) != 1:
            raise self.misfit(dataset, request)
        return placed(self, dataset, request, least=2)

    def figure(self, rows: Dataset, options: HeatmapOptions, request: Request, context: Context) -> Figure:
        """Cells at every bucket of the window, or at the first dimension's values; what is null has none.

        Raises:
            ChartError: there are more cells than can be told apart.
        """
        across, metric = rows.columns[0], rows.metrics[0]
        series = series_of(rows, across, request, options.top)
        frame = series.frame
        wide = frame["x"].n_unique()
        if wide * len(series.order) > CELLS:
            raise ChartError(
                f"chart {request.uid} (heatmap): {wide} by {len(series.order)} cells cannot be told apart; ask for a "
                f"longer interval or fewer values, {CELLS} cells at most"
            )
        timed = across.kind == "time"
        places = frame["x"].dt.epoch("ms").to_list() if timed else frame["x"].to_list()
        return Plot(
            columns=(
                PlotColumn(name="across", kind=across.kind, values=places),
                PlotColumn(name="down", kind=Kind.text, values=frame["series"].to_list()),
                PlotColumn(
                    name="value",
                    kind=Kind.number,
                    values=frame["y"].to_list(),
                    label=metric.title,
                    unit=metric.unit,
                    format=metric.format,
                ),
            ),
            marks=(Mark(kind="rect", x="across", y="down", shade="value", label="value" if options.values else ""),),
            x=Axis(kind="time" if timed else "category", title=options.x_title),
            y=Axis(kind="category", title=options.y_title),
            zone=request.window.zone,
            bucket=request.window.interval,
            note=notes(rows, request, Locale.of(request.locale).word("colour", label=metric.title), series.note),
        )
