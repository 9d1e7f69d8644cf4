"""Which column of a query's answer is time, dimension or metric, and what each one is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pressroom.errors import QueryError
from pressroom.expressions import Expression, order
from pressroom.models.dashboards import Chart, Metric
from pressroom.sources import Column, Kind, Role

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Plan:
    """What becomes of a query's columns.

    Attributes:
        time: the time column's name; empty for none.
        dimensions, metrics: names of the query's columns that are made text and numbers.
        computed: metrics with an expression, each after those it refers to.
        shown: the dataset's columns in order.
    """

    time: str
    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    computed: tuple[tuple[str, Expression], ...]
    shown: tuple[Column, ...]


def plan_columns(schema: pl.Schema, chart: Chart | None) -> Plan:
    """Decide the roles of a query's columns.

    A column aliased `time`, else the first timestamp, is time; other columns that are not numeric are
    dimensions, numeric ones are metrics, unless `time`, `dimensions`, `metrics` of the chart name them.

    Raises:
        QueryError: the chart names a column that the query does not give, or an expression is wrong.
    """
    chart = chart or Chart(type="table")
    time = _time(schema, chart)
    named = {dimension.name for dimension in chart.dimensions}
    by_expression = {metric.name for metric in chart.metrics if metric.expr}
    plain = {metric.name for metric in chart.metrics if not metric.expr}
    for what, names in (("dimensions", sorted(named)), ("metrics", sorted(plain))):
        for name in names:
            _known(chart, what, name, schema.names())
    both = sorted(named & (plain | by_expression))
    if both:
        raise QueryError(f"{_place(chart)}{both[0]} is named in dimensions and in metrics; keep one of them")
    rest = [name for name in schema.names() if name != time]
    metrics = tuple(name for name in rest if name not in named and (name in plain or _numeric(schema[name])))
    dimensions = tuple(name for name in rest if name not in metrics)
    listed = list(chart.metrics) or [Metric(name=name) for name in metrics]
    computed = order(
        {metric.name: metric.expr for metric in listed if metric.expr},
        columns=metrics,
        metrics=[metric.name for metric in listed],
    )
    shown = [*_descriptions(schema, chart, time, dimensions), *_metrics(listed, dict(computed))]
    return Plan(time, dimensions, metrics, computed, tuple(shown))


def _time(schema: pl.Schema, chart: Chart) -> str:
    import polars as pl

    if chart.time:
        return _known(chart, "time", chart.time, schema.names())
    named = {dimension.name for dimension in chart.dimensions} | {metric.name for metric in chart.metrics}
    if "time" in schema and "time" not in named:
        return "time"
    stamps = (name for name, kind in schema.items() if isinstance(kind, pl.Datetime) and name not in named)
    return next(stamps, "")


def _numeric(kind: pl.DataType) -> bool:
    import polars as pl

    return kind.is_numeric() or kind == pl.Null


def _descriptions(schema: pl.Schema, chart: Chart, time: str, dimensions: Sequence[str]) -> list[Column]:
    import polars as pl

    labels = {dimension.name: dimension.label for dimension in chart.dimensions}
    columns = [Column(name=time, role=Role.time, kind=Kind.time)] if time else []
    for name in [name for name in labels if name in dimensions] if labels else dimensions:
        kind = Kind.time if isinstance(schema[name], pl.Datetime) else Kind.text
        columns.append(Column(name=name, role=Role.dimension, kind=kind, label=labels.get(name, "")))
    return columns


def _metrics(listed: Sequence[Metric], computed: dict[str, Expression]) -> list[Column]:
    whole = {metric.name for metric in listed if metric.whole_days_only}
    # `computed` is in the order of need, so what a metric refers to is decided before it
    for name, expression in computed.items():
        if whole.intersection(expression.names):
            whole.add(name)
    return [
        Column(
            name=metric.name,
            role=Role.metric,
            kind=Kind.number,
            label=metric.label,
            unit=metric.unit,
            format=metric.format,
            whole_days_only=metric.name in whole,
            fill=metric.fill,
        )
        for metric in listed
    ]


def _known(chart: Chart, what: str, name: str, names: Sequence[str]) -> str:
    if name in names:
        return name
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    raise QueryError(f"{_place(chart)}{what}: the query gives no column {name}; {hint}it gives {', '.join(names)}")


def _place(chart: Chart) -> str:
    return f"chart {chart.uid}: " if chart.query else ""
