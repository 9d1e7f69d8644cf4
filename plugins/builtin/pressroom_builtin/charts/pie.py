"""`pie`: the parts of a whole as slices."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import pydantic

from pressroom import (
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
from pressroom_builtin.charts.parts import NEEDS, Parts, measured, part_rows, parts_of, share
from pressroom_builtin.charts.shaping import notes, shared

LARGEST = 1.7e308


class PieOptions(PluginOptions):
    """How a pie looks."""

    hole: bool = pydantic.Field(False, description="Leave the middle empty: a ring.")
    top: Annotated[int, pydantic.Field(ge=1, le=11)] = pydantic.Field(
        8, description="Slices at most, the largest ones; the rest is added up as one more."
    )
    values: Literal["share", "value", "none"] = pydantic.Field(
        "share", description="What is written at the slices and in the legend: shares, values, or nothing."
    )
    legend: Literal["auto", "none"] = pydantic.Field(
        "auto", description="The legend stands at the right, or below where the place is narrow; or nowhere."
    )


class PieChart(ChartFormatter[PluginConfig, PieOptions]):
    """Parts of a whole: rows are `[dimension, metric]`, by the metric with the highest first, or `[metric ...]`."""

    name = "pie"
    summary = "The parts of a whole as slices of a circle or a ring"
    Options = PieOptions
    needs = NEEDS

    def rows(self, dataset: Dataset, options: PieOptions, request: Request) -> Dataset:
        """The dimension and the metric, or the metrics' one row."""
        return part_rows(self, dataset, request, ranked=True)

    def figure(self, rows: Dataset, options: PieOptions, request: Request, context: Context) -> Figure:
        """Slices clockwise from the top, the largest first; what is null or 0 has none."""
        others = Locale.of(request.locale).word("other")
        parts, grouped = _grouped(parts_of(self, rows, request), options.top, others)
        largest = max((value for _, value in parts), default=1.0)
        whole = math.fsum(value / largest for _, value in parts)
        shares = [share(value / largest, whole) for _, value in parts]
        names = [name for name, _ in parts]
        values = [value for _, value in parts]
        metric = measured(rows)
        told = {"unit": metric.unit, "format": metric.format or shared(rows.metrics, "format")}
        if options.values == "share":
            told = {"unit": "", "format": "0.0%"}
        said = shares if options.values == "share" else values
        return Plot(
            columns=(
                PlotColumn(name="part", kind=Kind.text, values=list(names)),
                PlotColumn(name="value", kind=Kind.number, values=list(values), unit=metric.unit, format=metric.format),
                PlotColumn(name="label", kind=Kind.number, values=list(said), **told),
            ),
            marks=(
                Mark(
                    kind="arc",
                    angle="value",
                    series="part",
                    label="" if options.values == "none" else "label",
                    ring=(0.58, 1.0) if options.hole else (0.0, 1.0),
                ),
            ),
            series_order=tuple(names),
            colors=("",) * (len(names) - 1) + ("muted",) if grouped else (),
            legend="none" if options.legend == "none" else "right",
            note=notes(rows, request),
        )


def _grouped(parts: Parts, most: int, others: str) -> tuple[list[tuple[str, float]], bool]:
    """The largest parts and the rest as one, and whether there is a rest; equal names become one part."""
    amounts: dict[str, float] = {}
    for name, value in parts:
        if value:
            amounts[name] = min(LARGEST, amounts.get(name, 0.0) + value)
    ranked = sorted(amounts.items(), key=lambda part: -part[1])
    # one part alone is shown by its name
    if len(ranked) <= most + 1:
        return ranked, False
    while any(name == others for name, _ in ranked[:most]):
        others += "…"
    # halves: the sum of huge values would not be finite
    rest = math.fsum(value / 2 for _, value in ranked[most:])
    return [*ranked[:most], (others, min(rest, LARGEST / 2) * 2)], True
