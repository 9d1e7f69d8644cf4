"""`bubble`: the values of a dimension in the plane of two metrics, a third as size, a fourth as colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
    plot_column,
)
from pressroom.locales import Locale
from pressroom_builtin.charts.shaping import chosen, label_text, notes, unique_titles

if TYPE_CHECKING:
    import polars as pl

_PLACES = ("x", "y", "size", "colour")


class BubbleOptions(PluginOptions):
    """How a bubble chart looks."""

    names: bool = pydantic.Field(True, description="Write the dimension's value at each bubble that has room for it.")
    x_title: str = pydantic.Field("", description="Title of the horizontal axis; the first metric's where empty.")
    y_title: str = pydantic.Field("", description="Title of the vertical axis; the second metric's where empty.")
    x_zero: bool = pydantic.Field(False, description="Let the horizontal axis begin at 0.")
    y_zero: bool = pydantic.Field(False, description="Let the vertical axis begin at 0.")
    top: Annotated[int, pydantic.Field(ge=1, le=2000)] = pydantic.Field(
        300, description="Bubbles drawn at most, the largest ones."
    )


class BubbleChart(ChartFormatter[PluginConfig, BubbleOptions]):
    """Rows are `[dimension, x, y, size, colour]`, the last two where the query has them, in the query's order."""

    name = "bubble"
    summary = "A dimension's values by two to four metrics: place, size and colour"
    Options = BubbleOptions
    needs = "one dimension and 2 to 4 metrics"

    def rows(self, dataset: Dataset, options: BubbleOptions, request: Request) -> Dataset:
        """The dimension, then the metrics."""
        if len(dataset.dimensions) != 1 or not 2 <= len(dataset.metrics) <= 4:
            raise self.misfit(dataset, request)
        return chosen(dataset, (*dataset.dimensions, *dataset.metrics))

    def figure(self, rows: Dataset, options: BubbleOptions, request: Request, context: Context) -> Figure:
        """Bubbles, the largest drawn first so that small ones lie on top; those without a place are left out."""
        import polars as pl

        metrics, locale = rows.metrics, Locale.of(request.locale)
        titles = unique_titles(metrics)
        frame = rows.frame().drop_nulls([metric.name for metric in metrics[:2]])
        total = frame.height
        ranked = metrics[min(2, len(metrics) - 1)].name
        frame = frame.sort(pl.col(ranked).abs(), descending=True, nulls_last=True, maintain_order=True)
        frame = frame.head(options.top)
        left_out = locale.word("bubbles_left_out", shown=frame.height, total=total) if frame.height < total else ""
        meanings = [
            locale.word(word, label=titles[place])
            for word, place in (("size", 2), ("colour", 3))
            if place < len(titles)
        ]
        names = frame.select(label_text(rows.dimensions[0], request)).to_series()
        return Plot(
            columns=(
                PlotColumn(name="name", kind=Kind.text, values=names.to_list()),
                *(_column(place, metric, frame) for place, metric in zip(_PLACES, metrics, strict=False)),
            ),
            marks=(
                Mark(
                    kind="point",
                    x="x",
                    y="y",
                    size="size" if len(metrics) > 2 else "",
                    shade="colour" if len(metrics) > 3 else "",
                    label="name" if options.names else "",
                ),
            ),
            x=_axis(options.x_title or titles[0], metrics[0], options.x_zero),
            y=_axis(options.y_title or titles[1], metrics[1], options.y_zero),
            note=notes(rows, request, *meanings, left_out),
        )


def _column(place: str, metric: Column, frame: pl.DataFrame) -> PlotColumn:
    import msgspec

    return msgspec.structs.replace(plot_column(metric, frame[metric.name].to_list()), name=place)


def _axis(title: str, metric: Column, zero: bool) -> Axis:
    return Axis(title=title, format=metric.format, unit=metric.unit, zero=zero)
