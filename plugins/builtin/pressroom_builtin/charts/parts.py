"""Named amounts, for chart types that show parts: the values of a dimension, or the metrics of a single row."""

from __future__ import annotations

import math
from typing import Any

from pressroom import ChartError, ChartFormatter, Column, Dataset, Request
from pressroom_builtin.charts.shaping import chosen, label_text, ordered, unique_titles

NEEDS = "one dimension and one metric, or several metrics in one row"
Parts = list[tuple[str, float | None]]


def part_rows(chart: ChartFormatter[Any, Any], dataset: Dataset, request: Request, *, ranked: bool) -> Dataset:
    """`[dimension, metric]`, by the metric with the highest first where `ranked`; or one row of metrics.

    Raises:
        ChartError: the dataset has neither form.
    """
    metrics = dataset.metrics
    if len(dataset.dimensions) == 1 and len(metrics) == 1:
        return ordered(dataset, (*dataset.dimensions, *metrics), metrics[0] if ranked else None, descending=True)
    if dataset.dimensions or len(metrics) < 2:
        raise chart.misfit(dataset, request)
    if dataset.rows > 1:
        raise ChartError(
            f"chart {request.uid} ({chart.name}): needs {NEEDS}; the query gives {dataset.rows} rows of "
            f"{len(metrics)} metrics"
        )
    return chosen(dataset, metrics)


def parts_of(chart: ChartFormatter[Any, Any], rows: Dataset, request: Request) -> Parts:
    """The parts in the rows' order.

    Raises:
        ChartError: one is negative: there is no such part of a whole.
    """
    metrics, frame = rows.metrics, rows.frame()
    if rows.dimensions:
        names = frame.select(label_text(rows.dimensions[0], request)).to_series().to_list()
        values = frame[metrics[0].name].to_list()
    else:
        names = unique_titles(metrics)
        values = list(frame.row(0)) if frame.height else [None] * len(metrics)
    parts = [(name, None if value is None else float(value)) for name, value in zip(names, values, strict=True)]
    bad = next((part for part in parts if part[1] is not None and part[1] < 0), None)
    if bad is not None:
        raise ChartError(
            f"chart {request.uid} ({chart.name}): {bad[0]!r} is {bad[1]:g}, and a part cannot be negative; "
            "leave it out of the query, or use a bar chart"
        )
    return parts


def measured(rows: Dataset) -> Column:
    """The metric whose unit and format the parts have."""
    return rows.metrics[0]


def share(value: float | None, whole: float) -> float | None:
    """A part of a whole; null where either says nothing."""
    if value is None or whole <= 0 or not math.isfinite(whole):
        return None
    return value / whole
