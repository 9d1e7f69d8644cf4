"""A chart's rows in the computed-results API's form: every bucket, no nulls, the hour rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pressroom import Column, Dataset, Kind, Role, UsageError, Window
from pressroom.timerange import zone_info
from pressroom_builtin.growingio import wire

if TYPE_CHECKING:
    import polars as pl

MISSING = "不适用"
"""Stands for a dimension's missing value."""
TIME = "时间"
"""Name of the timestamp column."""
AUDIENCE = "目标用户"
"""Name of the v2 path's first column."""
MAX_FILLED = 1_000_000
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
    """A chart's rows in that form: times as ms (null where a row of a table has none), dimensions as text where
    only a null is missing, metrics as finite floats.

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
    def outside(self) -> int:
        """Rows of the query that lie in none of the buckets, and are left out."""
        return 0 if self._inside is None else self._rows.rows - self._inside.height

    @property
    def unordered(self) -> bool:
        """Whether there are too many rows to put them in order."""
        return self._form.ranked and self._rows.large

    @property
    def total(self) -> int:
        """How many there are; raises as `frames` does."""
        return self._rows.rows if self._together is None else self._together.height

    def frames(self, offset: int = 0, limit: int | None = None) -> Iterator[pl.DataFrame]:
        """The rows in bounded pieces; `offset` and `limit` choose some of them.

        Raises:
            UsageError: filling would give too many rows, or a bucket has several of a series.
        """
        frames = self._rows.batches(PIECE) if self._together is None else self._together.iter_slices(PIECE)
        for frame in _slice(frames, offset, limit):
            yield self._simple(frame)

    @cached_property
    def _together(self) -> pl.DataFrame | None:
        """All rows, where they must be seen together."""
        if self._inside is not None:
            return _filled(self._inside, self._rows.columns, self._window)
        metrics = self._rows.metrics
        if self._form.ranked and metrics and not self._rows.large:
            return self._rows.frame().sort(_finite(metrics[0].name), descending=True, maintain_order=True)
        return None

    @cached_property
    def _inside(self) -> pl.DataFrame | None:
        """The rows that lie in the buckets, with the names that dimensions have on the wire; None without buckets."""
        import polars as pl

        time = self._rows.time
        if not self._form.fill or time is None:
            return None
        when = pl.col(time.name)
        named = [_text(column.name) for column in self._rows.dimensions]
        return self._rows.frame().filter(when >= self._window.start, when < self._window.end).with_columns(named)

    def _simple(self, frame: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        found = frame.select(self._cell(column) for column in self._rows.columns)
        if self._form.audience:
            found = found.insert_column(0, pl.repeat(self._form.audience, found.height, eager=True).alias(AUDIENCE))
        return found

    def _cell(self, column: Column) -> pl.Expr:
        import polars as pl

        if column.role is Role.metric:
            if column.whole_days_only and self._form.hourly:
                return pl.repeat(0.0, pl.len()).alias(column.name)
            return _finite(column.name)
        if column.role is Role.time:
            return pl.col(column.name).dt.epoch("ms")
        return _text(column.name)


def _meta(column: Column) -> wire.Meta:
    if column.role is Role.metric:
        return wire.Meta(name=column.title, metric=True)
    return wire.Meta(name=TIME if column.role is Role.time else column.title, dimension=True)


def _finite(metric: str) -> pl.Expr:
    import polars as pl

    value = pl.col(metric).cast(pl.Float64)
    return pl.when(value.is_finite()).then(value).otherwise(0.0).alias(metric)


def _text(dimension: str) -> pl.Expr:
    """An empty text is a value of its own, as in the query's GROUP BY."""
    import polars as pl

    return pl.col(dimension).cast(pl.String).fill_null(MISSING)


def _slice(frames: Iterable[pl.DataFrame], offset: int, limit: int | None) -> Iterator[pl.DataFrame]:
    for frame in frames:
        kept = frame.slice(offset, limit)
        offset = max(0, offset - frame.height)
        limit = None if limit is None else limit - kept.height
        if kept.height:
            yield kept
        if limit == 0:
            return


def _filled(frame: pl.DataFrame, columns: Sequence[Column], window: Window) -> pl.DataFrame:
    """A row for every bucket of every series, ascending in time; times are the buckets' starts."""
    import polars as pl

    time = next(column.name for column in columns if column.role is Role.time)
    dimensions = [column.name for column in columns if column.role is Role.dimension]

    schema = {time: frame.schema[time]}
    buckets = pl.DataFrame({time: list(window.buckets)}, schema=schema)
    series = frame.select(dimensions).unique(maintain_order=True)
    if buckets.height * max(1, series.height) > MAX_FILLED:
        raise UsageError(
            f"{buckets.height} buckets for each of {series.height} series are too many rows; "
            "ask for a longer interval or a shorter range"
        )
    starts = buckets.with_columns(pl.col(time).alias("bucket"))
    ascending = frame.sort(time, maintain_order=True)
    placed = ascending.join_asof(starts, on=time, check_sortedness=False).drop(time).rename({"bucket": time})
    key = [time, *dimensions]
    double = placed.filter(placed.select(key).is_duplicated())
    if double.height:
        raise _several(double.row(0, named=True), key, window)
    wanted = buckets.join(series, how="cross") if dimensions else buckets
    return wanted.join(placed, on=key, how="left", maintain_order="left").select(frame.columns)


def _several(row: dict[str, Any], key: list[str], window: Window) -> UsageError:
    start = row[key[0]].astimezone(zone_info(window.zone)).isoformat()
    series = ", ".join(str(row[name]) for name in key[1:])
    return UsageError(
        f"the query gives several rows for the bucket {start}{series and f' of {series}'}, which are never added up; "
        "ask for a shorter interval, or group the query by $__timeGroup and the dimensions that are shown"
    )
