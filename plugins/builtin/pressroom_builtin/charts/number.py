"""`number`: metrics over the whole range as large figures, with the change since the period before."""

from __future__ import annotations

from typing import Literal

import pydantic

from pressroom import (
    ChartFormatter,
    Context,
    Dataset,
    Figure,
    Number,
    PluginConfig,
    PluginOptions,
    Request,
)
from pressroom_builtin.charts.shaping import single, unique_titles


class NumberOptions(PluginOptions):
    """How large numbers look."""

    compare: bool = pydantic.Field(True, description="Show the change since the period before.")
    better: Literal["higher", "lower", "neither"] = pydantic.Field(
        "neither", description="Which change is good news: a rise, a fall, or neither; it colours the arrow."
    )


class NumberChart(ChartFormatter[PluginConfig, NumberOptions]):
    """One row, `[metric ...]`, over the whole range; nulls where the query gave no row."""

    name = "number"
    summary = "Metrics over the whole range as large figures"
    Options = NumberOptions
    needs = "at least one metric"

    def compares(self, options: NumberOptions) -> bool:
        """As the option `compare` says."""
        return options.compare

    def rows(self, dataset: Dataset, options: NumberOptions, request: Request) -> Dataset:
        """The metrics' one row."""
        if not dataset.metrics:
            raise self.misfit(dataset, request)
        return single(self, dataset, request)

    def figure(self, rows: Dataset, options: NumberOptions, request: Request, context: Context) -> Figure:
        """One item a metric."""
        now = rows.frame().row(0, named=True)
        before = _row(request.previous)
        return Number(
            items=tuple(
                Number.Item(
                    value=now[metric.name],
                    label=title if len(rows.metrics) > 1 or metric.label else "",
                    unit=metric.unit,
                    format=metric.format,
                    previous=before.get(metric.name),
                    better=options.better,
                )
                for metric, title in zip(rows.metrics, unique_titles(rows.metrics), strict=True)
            )
        )


def _row(dataset: Dataset | None) -> dict[str, float | None]:
    if dataset is None or dataset.rows != 1:
        return {}
    named = {metric.name for metric in dataset.metrics}
    return {name: value for name, value in dataset.frame().row(0, named=True).items() if name in named}
