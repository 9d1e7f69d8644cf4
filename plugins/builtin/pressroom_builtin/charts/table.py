"""`table`: the rows as they are."""

from __future__ import annotations

from typing import Literal

import pydantic

from pressroom import ChartFormatter, Context, Dataset, Figure, PluginConfig, PluginOptions, Request, Table
from pressroom_builtin.charts.shaping import dimensions_first, ordered


class TableOptions(PluginOptions):
    """How a table is ordered."""

    order: Literal["auto", "query"] = pydantic.Field(
        "auto",
        description="auto sorts by time, or else by the first metric with the highest first; query keeps its order.",
    )


class TableChart(ChartFormatter[PluginConfig, TableOptions]):
    """Rows: `[time or dimension ..., metric ...]`, by time where there is one, else by the first metric, descending."""

    name = "table"
    summary = "Rows and columns"
    Options = TableOptions
    needs = "at least one column"

    def rows(self, dataset: Dataset, options: TableOptions, request: Request) -> Dataset:
        """Time and dimensions first, then metrics."""
        if not dataset.columns:
            raise self.misfit(dataset, request)
        columns = dimensions_first(dataset)
        if options.order == "query":
            return ordered(dataset, columns, None, descending=False)
        if dataset.time is not None:
            return ordered(dataset, columns, dataset.time, descending=False)
        return ordered(dataset, columns, next(iter(dataset.metrics), None), descending=True)

    def figure(self, rows: Dataset, options: TableOptions, request: Request, context: Context) -> Figure:
        """All columns; the rows stay in the panel's dataset."""
        return Table(columns=tuple(column.name for column in rows.columns))
