"""What chart types share: order of columns and rows, labels of missing values, notes on what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pressroom import ChartError, ChartFormatter, Column, Dataset, Request
from pressroom.locales import Locale

if TYPE_CHECKING:
    import polars as pl


def dimensions_first(dataset: Dataset) -> tuple[Column, ...]:
    """The columns as the types document them: time and dimensions in their order, then metrics."""
    metrics = dataset.metrics
    return tuple(column for column in dataset.columns if column not in metrics) + metrics


def chosen(dataset: Dataset, columns: Sequence[Column]) -> Dataset:
    """The dataset with these columns in this order; rows stay where they lie."""
    if tuple(columns) == dataset.columns:
        return dataset
    if dataset.spool is None:
        return Dataset.of(dataset.frame(), columns, truncated=dataset.truncated)
    return Dataset(tuple(columns), dataset.rows, dataset.truncated, dataset.spool, dataset.folder)


def ordered(dataset: Dataset, columns: Sequence[Column], by: Column | None, *, descending: bool) -> Dataset:
    """The dataset with these columns, sorted by one of them, nulls last; large ones keep the query's order.

    Rows that are equal in it keep theirs.
    """
    if by is None or dataset.large:
        return chosen(dataset, columns)
    frame = dataset.frame().sort(by.name, descending=descending, nulls_last=True, maintain_order=True)
    return Dataset.of(frame, columns, truncated=dataset.truncated)


def timed(chart: ChartFormatter[Any, Any], dataset: Dataset, request: Request) -> Dataset:
    """`[time, dimension, metric ...]`, ascending in time, with one dimension at most.

    Raises:
        ChartError: the dataset has no time, several dimensions, or no metric.
    """
    time = dataset.time
    if time is None or len(dataset.dimensions) > 1 or not dataset.metrics:
        raise chart.misfit(dataset, request)
    return ordered(dataset, (time, *dataset.dimensions, *dataset.metrics), time, descending=False)


def placed(chart: ChartFormatter[Any, Any], dataset: Dataset, request: Request, least: int = 1) -> Dataset:
    """`[time or dimension, dimension, metric ...]`, ascending in time; without time in the query's order.

    Args:
        least: how many of the first two there must be.

    Raises:
        ChartError: there are fewer or more, or there is no metric.
    """
    time = dataset.time
    places = (time, *dataset.dimensions) if time is not None else dataset.dimensions
    if not least <= len(places) <= 2 or not dataset.metrics:
        raise chart.misfit(dataset, request)
    return ordered(dataset, (*places, *dataset.metrics), time, descending=False)


def single(chart: ChartFormatter[Any, Any], dataset: Dataset, request: Request) -> Dataset:
    """The metrics' one row over the whole range; nulls where the query gave none.

    Raises:
        ChartError: there are several rows.
    """
    if dataset.rows > 1:
        raise ChartError(
            f"chart {request.uid} ({chart.name}): needs one row over the whole range; the query gives {dataset.rows}. "
            "Aggregate without GROUP BY, or use a table"
        )
    one = chosen(dataset, dataset.metrics)
    if one.rows == 1:
        return one
    import polars as pl

    nothing = pl.DataFrame({metric.name: pl.Series([None], dtype=pl.Float64) for metric in one.columns})
    return Dataset.of(nothing, one.columns, truncated=dataset.truncated)


def label_text(column: Column, request: Request) -> pl.Expr:
    """A dimension's values as labels: text, with the request's word where a value is missing or blank."""
    import polars as pl

    text = pl.col(column.name).cast(pl.String)
    return pl.when(text.str.strip_chars() != "").then(text).otherwise(pl.lit(request.missing))


def unique_titles(columns: Sequence[Column]) -> list[str]:
    """The columns' titles; one that was there before gets its name or a number behind it."""
    titles: list[str] = []
    for column in columns:
        title = column.title if column.title not in titles else f"{column.title} ({column.name})"
        number = 2
        while title in titles:
            title, number = f"{column.title} ({number})", number + 1
        titles.append(title)
    return titles


def shared(columns: Sequence[Column], attribute: str) -> str:
    """The unit or format that all columns have; empty where they differ."""
    values = {getattr(column, attribute) for column in columns}
    return str(values.pop()) if len(values) == 1 else ""


def mixed(metrics: Sequence[Column]) -> bool:
    """True where the metrics' units differ: such values cannot be laid on top of each other."""
    return len({metric.unit for metric in metrics}) > 1


def notes(rows: Dataset, request: Request, *sentences: str) -> str:
    """What is said under a plot: the sentences given, and that the query's answer was cut."""
    said = [sentence for sentence in sentences if sentence]
    if rows.truncated:
        said.append(Locale.of(request.locale).word("truncated", limit=rows.rows))
    return " · ".join(said)
