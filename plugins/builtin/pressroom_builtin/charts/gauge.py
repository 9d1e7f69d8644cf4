"""`gauge`: one metric on a scale, with the stretches that are good or bad."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

import pydantic

from pressroom import (
    Axis,
    ChartError,
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
from pressroom_builtin.charts.shaping import notes, single

INNER, OUTER = (0.66, 0.93), (0.955, 1.0)
"""Rings of the value and of the stretches."""


class Stretch(PluginOptions):
    """A part of a gauge's scale."""

    start: float = pydantic.Field(description="Value from which on it counts.")
    color: Annotated[str, pydantic.Field(pattern=r"^(good|warning|bad|#[0-9a-fA-F]{6})$")] = pydantic.Field(
        description="`good`, `warning`, `bad` in the theme's colours, or `#rrggbb`."
    )


class GaugeOptions(PluginOptions):
    """What a gauge's scale is."""

    low: float = pydantic.Field(0.0, description="Where the scale begins.")
    high: float | None = pydantic.Field(
        None,
        description="Where it ends; the query's second metric where left out, or 100 % for a metric that is shown "
        "as a percentage.",
    )
    stretches: Annotated[list[Stretch], pydantic.Field(max_length=12)] = pydantic.Field(
        default=[],
        description="Parts of the scale, each up to the next: `[{start: 0, color: good}, {start: 20, color: bad}]`; "
        "the value is in the colour of its own. Colours are `good`, `warning`, `bad`, or `#rrggbb`.",
    )
    shape: Literal["half", "wide"] = pydantic.Field("half", description="Half a circle, or two thirds of one.")

    @pydantic.field_validator("stretches")
    @classmethod
    def _ascending(cls, stretches: list[Stretch]) -> list[Stretch]:
        if any(after.start <= before.start for before, after in pairwise(stretches)):
            raise ValueError("must be in the order of their starts, each start once")
        return stretches


class GaugeChart(ChartFormatter[PluginConfig, GaugeOptions]):
    """One row over the whole range: `[metric]`, or `[metric, end of the scale]`; null where the query gave no row."""

    name = "gauge"
    summary = "One metric on a scale, with stretches that are good or bad"
    Options = GaugeOptions
    needs = "one metric in one row, and a second one or the option high for the end of the scale"

    def rows(self, dataset: Dataset, options: GaugeOptions, request: Request) -> Dataset:
        """The metrics' one row."""
        if not 1 <= len(dataset.metrics) <= 2:
            raise self.misfit(dataset, request)
        return single(self, dataset, request)

    def figure(self, rows: Dataset, options: GaugeOptions, request: Request, context: Context) -> Figure:
        """A ring filled up to the value, which is written in its middle.

        Raises:
            ChartError: the scale has no end, or ends where it begins.
        """
        metric, values = rows.metrics[0], rows.frame().row(0)
        value: float | None = values[0]
        low, high = options.low, self._high(rows, options, request)
        reached = low if value is None else min(max(value, low), high)
        starts = [min(max(each.start, low), high) for each in options.stretches]
        lengths = [after - before for before, after in pairwise([*starts, high])]
        color = next(
            (each.color for each in reversed(options.stretches) if value is not None and value >= each.start), ""
        )
        before = [starts[0] - low] if starts else []
        amounts: list[float | None] = [reached - low, high - reached]
        outer = [None, None, *before, *lengths]
        names = ["value", "rest", *(["before"] if starts else []), *(f"stretch {n}" for n, _ in enumerate(starts))]
        more: list[float | None] = [None] * (len(names) - 2)
        marks = [Mark(kind="arc", angle="value", series="part", ring=INNER if starts else (INNER[0], 1.0))]
        if starts:
            marks.append(Mark(kind="arc", angle="stretch", series="part", ring=OUTER))
        marks.append(Mark(kind="text", label="shown"))
        return Plot(
            columns=(
                PlotColumn(name="part", kind=Kind.text, values=list(names)),
                PlotColumn(name="value", kind=Kind.number, values=[*amounts, *more]),
                PlotColumn(name="stretch", kind=Kind.number, values=list(outer)),
                _shown(metric, value, len(names)),
            ),
            marks=tuple(marks),
            x=Axis(domain=(low, high), format=metric.format, unit=metric.unit),
            series_order=tuple(names),
            colors=(color, "grid", *(["grid"] if starts else []), *(each.color for each in options.stretches)),
            turn=(-90.0, 90.0) if options.shape == "half" else (-120.0, 120.0),
            note=notes(rows, request),
        )

    def _high(self, rows: Dataset, options: GaugeOptions, request: Request) -> float:
        metric = rows.metrics[0]
        given = rows.frame().row(0)[1] if len(rows.metrics) == 2 else None
        high = options.high if options.high is not None else given
        if high is None and metric.format.endswith("%"):
            high = 1.0
        if high is None:
            raise ChartError(
                f"chart {request.uid} (gauge): the scale has no end; write options: {{high: 100}}, or give a second "
                "metric for it"
            )
        if not high > options.low:
            raise ChartError(f"chart {request.uid} (gauge): the scale ends at {high:g} and begins at {options.low:g}")
        return float(high)


def _shown(metric: Column, value: float | None, length: int) -> PlotColumn:
    """What is written in the middle: the value, or a dash; with the metric's label."""
    rest: list[float | int | str | None] = [None] * (length - 1)
    if value is None:
        return PlotColumn(name="shown", kind=Kind.text, values=["–", *rest], label=metric.label)
    return PlotColumn(
        name="shown",
        kind=Kind.number,
        values=[value, *rest],
        label=metric.label,
        unit=metric.unit,
        format=metric.format,
    )
