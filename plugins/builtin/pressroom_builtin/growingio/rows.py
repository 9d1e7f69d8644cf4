"""A chart's rows in the computed-results API's form: every bucket, no nulls, the hour rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pressroom import Column, Dataset, Kind, Role, UsageError, Window
from pressroom_builtin.growingio import wire
from pressroom_builtin.growingio.buckets import DAY

if TYPE_CHECKING:
    import polars as pl

MISSING = "不适用"
"""Stands for a dimension's missing value."""
TIME = "时间"
"""Name of the timestamp column."""
MAX_FILLED = 2_000_000
"""Rows of an answer after filling."""


def meta(rows: Dataset) -> list[wire.Meta]:
    """One entry a column."""
    return [_meta(column) for column in rows.columns]


def _meta(column: Column) -> wire.Meta:
    if column.role is Role.metric:
        return wire.Meta(name=column.title, metric=True)
    return wire.Meta(name=TIME if column.role is Role.time else column.title, dimension=True)


def frames(rows: Dataset, window: Window, interval: int, *, fill: bool) -> Iterator[pl.DataFrame]:
    """The rows in bounded pieces: times as ms, dimensions as text, metrics as finite floats.

    Args:
        interval: as asked for, in ms; below a day, metrics that exist per whole day only are 0.
        fill: whether every bucket of the window is there, for every series.

    Raises:
        UsageError: filling would give too many rows.
    """
    if fill and rows.time is not None:
        yield _simple(_filled(rows, rows.time, window), rows.columns, interval)
        return
    for frame in rows.batches():
        yield _simple(frame, rows.columns, interval)


def _simple(frame: pl.DataFrame, columns: tuple[Column, ...], interval: int) -> pl.DataFrame:
    import polars as pl

    return frame.select(
        _metric(column, interval) if column.role is Role.metric else _other(column) for column in columns
    ).with_columns(pl.selectors.string().fill_null(MISSING))


def _metric(column: Column, interval: int) -> pl.Expr:
    import polars as pl

    if column.whole_days_only and interval < DAY:
        return pl.repeat(0.0, pl.len()).alias(column.name)
    value = pl.col(column.name).cast(pl.Float64)
    return pl.when(value.is_finite()).then(value).otherwise(0.0).alias(column.name)


def _other(column: Column) -> pl.Expr:
    import polars as pl

    if column.role is Role.time and column.kind is Kind.time:
        return pl.col(column.name).dt.epoch("ms")
    text = pl.col(column.name).cast(pl.String)
    return pl.when(text.str.strip_chars() != "").then(text).otherwise(None).alias(column.name)


def _filled(rows: Dataset, time: Column, window: Window) -> pl.DataFrame:
    """The rows with one of nulls for every bucket that a series lacks, ascending in time."""
    import polars as pl

    frame = rows.frame()
    names = [column.name for column in rows.dimensions]
    schema = {time.name: frame.schema[time.name]}
    buckets = pl.DataFrame({time.name: list(window.buckets)}, schema=schema).sort(time.name)
    series = frame.select(names).unique(maintain_order=True) if names else pl.DataFrame({"": [0]})
    if buckets.height * series.height + frame.height > MAX_FILLED:
        raise UsageError(
            f"{buckets.height} buckets for each of {series.height} series are too many rows; "
            "ask for a longer interval or a shorter range"
        )
    series = series.with_row_index("#")
    placed = frame.sort(time.name, maintain_order=True).join_asof(
        buckets.with_columns(pl.col(time.name).alias("bucket")), on=time.name, check_sortedness=False
    )
    if names:
        placed = placed.join(series, on=names, how="left", nulls_equal=True, maintain_order="left")
        wanted = buckets.rename({time.name: "bucket"}).join(series, how="cross")
    else:
        placed = placed.with_columns(pl.lit(0, pl.UInt32).alias("#"))
        wanted = buckets.rename({time.name: "bucket"}).with_columns(pl.lit(0, pl.UInt32).alias("#"))
    lacking = wanted.join(placed.select("bucket", "#"), on=["bucket", "#"], how="anti")
    lacking = lacking.with_columns(pl.col("bucket").alias(time.name))
    return pl.concat([placed, lacking], how="diagonal").sort([time.name, "#"], maintain_order=True)
