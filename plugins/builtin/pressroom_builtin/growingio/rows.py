"""A chart's rows in the computed-results API's form: every bucket, no nulls, the hour rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pressroom import Column, Dataset, Kind, Role, UsageError, Window
from pressroom_builtin.growingio import wire

if TYPE_CHECKING:
    import polars as pl

MISSING = "不适用"
"""Stands for a dimension's missing value."""
TIME = "时间"
"""Name of the timestamp column."""
AUDIENCE = "目标用户"
"""Name of the v2 path's first column."""
MAX_FILLED = 2_000_000
"""Rows of an answer after filling."""
PIECE = 50_000
"""Rows of a piece."""


@dataclass(frozen=True)
class Form:
    """What a chart's rows become.

    Attributes:
        fill: every bucket of the window is there, for every series.
        ranked: by the first metric, descending, once missing values are 0.
        hourly: metrics that exist per whole day only are 0.
        audience: value of the v2 path's first column; empty for none.
    """

    fill: bool
    ranked: bool = False
    hourly: bool = False
    audience: str = ""


class Rows:
    """A chart's rows in that form: times as ms, dimensions as text, metrics as finite floats.

    Args:
        rows: as the chart's type orders them.
        window: the buckets.
        form: see there.
    """

    def __init__(self, rows: Dataset, window: Window, form: Form) -> None:
        self._rows = rows
        self._window = window
        self._form = form

    @property
    def columns(self) -> tuple[Column, ...]:
        """In order, with the audience's where the form wants it."""
        columns = self._rows.columns
        if not self._form.audience:
            return columns
        return (Column(name=AUDIENCE, role=Role.dimension, kind=Kind.text), *columns)

    @property
    def meta(self) -> list[wire.Meta]:
        """One entry a column."""
        return [_meta(column) for column in self.columns]

    @property
    def zeroed(self) -> list[str]:
        """Titles of the metrics that the hour rule makes 0."""
        return [column.title for column in self.columns if column.whole_days_only] if self._form.hourly else []

    @property
    def total(self) -> int:
        """How many there are.

        Raises:
            UsageError: filling would give too many.
        """
        return self._rows.rows if self._filled is None else self._filled.height

    def frames(self, offset: int = 0, limit: int | None = None) -> Iterator[pl.DataFrame]:
        """The rows in bounded pieces; `offset` and `limit` choose some of them.

        Raises:
            UsageError: filling would give too many rows.
        """
        frames = self._rows.batches(PIECE) if self._filled is None else self._filled.iter_slices(PIECE)
        for frame in _slice(frames, offset, limit):
            yield self._simple(frame)

    @cached_property
    def _filled(self) -> pl.DataFrame | None:
        """All rows, where they must be seen together."""
        import polars as pl

        time, metrics = self._rows.time, self._rows.metrics
        if self._form.fill and time is not None:
            return _filled(self._rows, time, self._window)
        if self._form.ranked and metrics and not self._rows.large:
            first = pl.col(metrics[0].name)
            return self._rows.frame().sort(first.fill_null(0), descending=True, maintain_order=True)
        return None

    def _simple(self, frame: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        chosen = [
            self._metric(column) if column.role is Role.metric else _other(column) for column in self._rows.columns
        ]
        found = frame.select(chosen).with_columns(pl.selectors.string().fill_null(MISSING))
        if self._form.audience:
            found = found.insert_column(0, pl.repeat(self._form.audience, found.height, eager=True).alias(AUDIENCE))
        return found

    def _metric(self, column: Column) -> pl.Expr:
        import polars as pl

        if column.whole_days_only and self._form.hourly:
            return pl.repeat(0.0, pl.len()).alias(column.name)
        value = pl.col(column.name).cast(pl.Float64)
        return pl.when(value.is_finite()).then(value).otherwise(0.0).alias(column.name)


def _meta(column: Column) -> wire.Meta:
    if column.role is Role.metric:
        return wire.Meta(name=column.title, metric=True)
    return wire.Meta(name=TIME if column.role is Role.time else column.title, dimension=True)


def _other(column: Column) -> pl.Expr:
    import polars as pl

    if column.role is Role.time and column.kind is Kind.time:
        return pl.col(column.name).dt.epoch("ms")
    text = pl.col(column.name).cast(pl.String)
    return pl.when(text.str.strip_chars() != "").then(text).otherwise(None).alias(column.name)


def _slice(frames: Iterable[pl.DataFrame], offset: int, limit: int | None) -> Iterator[pl.DataFrame]:
    for frame in frames:
        kept = frame.slice(offset, limit)
        offset = max(0, offset - frame.height)
        limit = None if limit is None else limit - kept.height
        if kept.height:
            yield kept
        if limit == 0:
            return


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
