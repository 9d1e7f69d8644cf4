"""`funnel`: how many get from one step to the next."""

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
from pressroom_builtin.charts.parts import NEEDS, measured, part_rows, parts_of, share
from pressroom_builtin.charts.shaping import notes

LONG = 1e6
"""Values from here on are written short."""


class FunnelOptions(PluginOptions):
    """How a funnel looks."""

    share: Literal["first", "previous", "none"] = pydantic.Field(
        "first", description="The percentage behind each value: of the first step, of the step before, or none."
    )
    top: Annotated[int, pydantic.Field(ge=2, le=30)] = pydantic.Field(
        12, description="Steps drawn at most, the first ones; the rows keep all."
    )


class FunnelChart(ChartFormatter[PluginConfig, FunnelOptions]):
    """Steps: rows are `[dimension, metric]` in the query's order, or `[metric ...]`, one a step."""

    name = "funnel"
    summary = "How many get from one step to the next"
    Options = FunnelOptions
    needs = NEEDS

    def rows(self, dataset: Dataset, options: FunnelOptions, request: Request) -> Dataset:
        """The dimension and the metric in the query's order, or the metrics' one row."""
        return part_rows(self, dataset, request, ranked=False)

    def figure(self, rows: Dataset, options: FunnelOptions, request: Request, context: Context) -> Figure:
        """Bars with their middle one under the other, the first step at the top."""
        locale, metric = Locale.of(request.locale), measured(rows)
        every = parts_of(self, rows, request)
        steps = every[: options.top]
        left_out = ""
        if len(steps) < len(every):
            left_out = locale.word("rows_shown", shown=len(steps), total=len(every))
        values = [value for _, value in steps]
        # beside a bar there is little room
        format = metric.format or ("compact" if max((value or 0.0 for value in values), default=0.0) >= LONG else "")
        return Plot(
            columns=(
                PlotColumn(name="step", kind=Kind.text, values=_apart([name for name, _ in steps])),
                PlotColumn(name="value", kind=Kind.number, values=list(values), unit=metric.unit, format=metric.format),
                PlotColumn(
                    name="label",
                    kind=Kind.text,
                    values=[
                        _said(value, _whole(values, place, options), locale, format, metric.unit)
                        for place, value in enumerate(values)
                    ],
                ),
            ),
            marks=(Mark(kind="bar", x="value", y="step", stack="center", label="label"),),
            x=Axis(hidden=True),
            y=Axis(kind="category"),
            note=notes(rows, request, left_out),
        )


def _whole(values: list[float | None], place: int, options: FunnelOptions) -> float:
    """What a step's value is compared with; 0 for nothing."""
    if place == 0 or options.share == "none":
        return 0.0
    return values[0 if options.share == "first" else place - 1] or 0.0


def _said(value: float | None, whole: float, locale: Locale, format: str, unit: str) -> str:
    text = locale.number(value, format, unit)
    part = share(value, whole)
    return text if part is None else f"{text} · {locale.number(part, '0.0%')}"


def _apart(names: list[str]) -> list[float | int | str | None]:
    """Equal names with a number behind them: each step keeps its own bar."""
    found: list[float | int | str | None] = []
    for name in names:
        written, number = name, 2
        while written in found:
            written, number = f"{name} ({number})", number + 1
        found.append(written)
    return found
