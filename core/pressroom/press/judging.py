"""Whether a report is sent: its condition over the numbers of an edition that is composed and not yet rendered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pressroom.conditions import Value, parse
from pressroom.errors import QueryError, StepError
from pressroom.renderers import Edition, Panel
from pressroom.sources import Kind

if TYPE_CHECKING:
    import polars as pl


def unmet(condition: str, edition: Edition, folder: Path) -> str:
    """Why an edition is not sent, with the numbers; empty where its condition is met or there is none.

    Args:
        folder: the edition's own.

    Raises:
        StepError: the condition cannot be read, names what is not there, or a chart that it names failed: whether
            to send is not known then, and to be silent about it would be wrong.
    """
    if not condition:
        return ""
    try:
        parsed = parse(condition)
    except QueryError as error:
        raise StepError(f"condition: {error.message}") from error
    found = {value: _number(value, edition, folder) for value in parsed.values}
    if parsed.holds(found):
        return ""
    numbers = ", ".join(f"{value} is {shown(number)}" for value, number in found.items())
    return f"not sent: the condition {condition} is not met" + (f" ({numbers})" if numbers else "")


def shown(number: float | None) -> str:
    """A number for people."""
    if number is None:
        return "without a value"
    return f"{number:.0f}" if number.is_integer() else f"{number:.6g}"


def _number(value: Value, edition: Edition, folder: Path) -> float | None:
    panels = list(_panels(value, edition))
    for panel in panels:
        if panel.error:
            # it may have been a source that was down for a moment
            raise StepError(f"condition: {panel.error}", transient=True)
    if value.how == "rows":
        return float(sum(panel.rows.spool.rows for panel in panels if panel.rows))
    return _reduced(_column(value, panels[0], folder), value)


def _panels(value: Value, edition: Edition) -> Iterator[Panel]:
    """The charts that a value is about; of one that the report shows twice, the first."""
    panels = [panel for section in edition.sections for panel in section.panels]
    if not value.chart:
        yield from panels
        return
    found = next((panel for panel in panels if panel.uid == value.chart), None)
    if found is None:
        there = ", ".join(dict.fromkeys(panel.uid for panel in panels)) or "none"
        raise StepError(f"condition: {value}: the report has no chart {value.chart!r}; there are: {there}")
    yield found


def _column(value: Value, panel: Panel, folder: Path) -> pl.Series:
    import polars as pl

    columns = panel.rows.columns if panel.rows else ()
    numbers = [column.name for column in columns if column.kind is Kind.number]
    if panel.rows is None or value.column not in numbers:
        there = ", ".join(numbers) or "none"
        raise StepError(f"condition: {value}: the chart has no column of numbers {value.column!r}; there are: {there}")
    parts = [batch[value.column].cast(pl.Float64) for batch in panel.rows.dataset(folder).batches()]
    return pl.concat(parts) if parts else pl.Series(dtype=pl.Float64)


def _reduced(series: pl.Series, value: Value) -> float | None:
    """One number of a column; None where it has none."""
    whole = series.fill_nan(None)
    if value.how in ("first", "last"):
        return cast("float | None", whole[0 if value.how == "first" else -1]) if len(whole) else None
    values = whole.drop_nulls()
    return float(getattr(values, value.how)()) if len(values) else None
