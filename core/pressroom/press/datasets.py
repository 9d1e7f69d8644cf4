"""From a source's Arrow batches to a dataset: types tidied, roles decided, expressions computed, rows spooled.

Every step works on one batch at a time. A part of the spool holds the query's columns as well as the
computed ones, so that a part can be made again where a later batch shows that a column holds other
types (SQLite's columns may).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pressroom.context import Context
from pressroom.errors import QueryError, SourceError
from pressroom.macros import uses_time_group
from pressroom.models.dashboards import Chart
from pressroom.press.roles import Plan, plan_columns
from pressroom.press.tidy import TimeFormat, as_number, as_text, as_time
from pressroom.sources import FRAME_ROWS, ArrowStream, Dataset, Kind, Spool

if TYPE_CHECKING:
    import polars as pl

PART_ROWS = 100_000
"""Small batches are gathered into parts of at least this many rows."""
RAW = "query: "
"""Begins the stored name of a query's column that a computed metric of the same name covers."""


def read_dataset(
    batches: Iterable[ArrowStream],
    *,
    chart: Chart | None = None,
    folder: Path,
    name: str,
    max_rows: int,
    context: Context,
    source_timezone: str = "UTC",
    time_format: TimeFormat = "auto",
) -> Dataset:
    """Read an answer to its end, or to the row limit, and spool it.

    Args:
        batches: what `Source.query` gives; closed afterwards, whatever happens.
        chart: names roles, metrics and expressions; None for a segment or a variable's values, where
            every column is shown as it is.
        folder: the run's folder.
        name: beginning of the spool's file names, relative to the folder: `data/rQ4zVd81`.
        max_rows: rows to keep; `truncated` says whether there were more.
        context: checked between batches.
        source_timezone: zone of naive times.
        time_format: how integer and text columns hold times. What `$__timeGroup` gives is always ms.

    Raises:
        QueryError: the columns do not fit the chart, or a value cannot be read.
        SourceError: the source gave what cannot be read.
    """
    group = chart is not None and uses_time_group(chart.query)
    reader = _Reader(chart, source_timezone, "ms" if group else time_format)
    writer = _Writer(folder, name)
    rows, truncated = 0, False
    with closing(read_frames(batches)) as frames:
        for frame in frames:
            context.check()
            kept = frame.head(max_rows - rows)
            rows, truncated = rows + kept.height, truncated or kept.height < frame.height
            reader.see(kept)
            writer.add(kept, reader)
            if truncated:
                break
    if reader.plan is None:
        raise SourceError("the source answered without columns")
    return writer.finish(reader, rows, truncated)


def read_frames(batches: Iterable[ArrowStream]) -> Generator[pl.DataFrame]:
    """Arrow batches as Polars frames, types as they come; the batches are closed afterwards.

    Raises:
        SourceError: a batch cannot be read.
        QueryError: a column has a type that Polars lacks.
    """
    import polars as pl

    iterator = iter(batches)
    try:
        for batch in iterator:
            try:
                yield pl.DataFrame(batch)
            except pl.exceptions.PolarsError as error:
                raise SourceError(f"the answer cannot be read: {error}") from error
            except BaseException as error:
                # Polars panics (a BaseException) on Arrow types that it lacks, such as intervals
                if type(error).__name__ != "PanicException":
                    raise
                raise QueryError("a column has a type that cannot be read; CAST it to text in the query") from error
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            close()


class _Reader:
    """The plan for the columns seen so far; it changes where a batch brings other types than those before."""

    def __init__(self, chart: Chart | None, zone: str, time_format: TimeFormat) -> None:
        self.plan: Plan | None = None
        self.version = 0
        self._chart, self._zone, self._format = chart, zone, time_format
        self._types: dict[str, pl.DataType] = {}

    def see(self, frame: pl.DataFrame) -> None:
        """Take a batch's types into account."""
        import polars as pl

        types = {name: _simple(kind) for name, kind in frame.schema.items()}
        if self.plan is None and not frame.height:
            types = _guessed(types)
        elif self.plan is not None:
            if types.keys() != self._types.keys():
                raise SourceError("the source changed its columns between two batches")
            types = {name: _merged(self._types[name], kind) for name, kind in types.items()}
        if self.plan is None or types != self._types:
            self.plan = plan_columns(pl.Schema(types), self._chart)
            self.version += 1
            self._types = types

    def tidy(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The query's columns as the plan says, and the computed ones."""
        import polars as pl

        plan = cast(Plan, self.plan)
        stamps = {column.name for column in plan.shown if column.kind is Kind.time}
        columns: list[pl.Series] = []
        for series in frame.get_columns():
            if series.name in stamps:
                columns.append(as_time(series, self._zone, self._format))
            elif series.name in plan.metrics:
                kind = pl.Int64 if self._types[series.name] == pl.Int64 else pl.Float64
                columns.append(as_number(series).cast(kind))
            else:
                columns.append(as_text(series))
        hidden = {name: RAW + name for name, _ in plan.computed if name in frame.columns}
        tidied = pl.DataFrame(columns).rename(hidden)
        for name, expression in plan.computed:
            own = {name: hidden[name]} if name in hidden else {}
            tidied = tidied.with_columns(expression.polars(own).alias(name))
        return tidied

    def again(self, part: pl.DataFrame) -> pl.DataFrame:
        """A part that was made under an older plan, under the present one."""
        names = {RAW + name if RAW + name in part.columns else name: name for name in self._types}
        return self.tidy(part.select(list(names)).rename(names))


class _Writer:
    """Gathers batches into the spool's parts, and keeps a small answer in memory too."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._parts: list[tuple[str, int]] = []
        self._waiting: list[pl.DataFrame] = []
        self._version = 0
        (folder / name).parent.mkdir(parents=True, exist_ok=True)

    def add(self, frame: pl.DataFrame, reader: _Reader) -> None:
        """Take one batch, after `reader` has seen it."""
        if self._waiting and self._version != reader.version:
            self._flush()
        self._version = reader.version
        self._waiting.append(reader.tidy(frame))
        if sum(waiting.height for waiting in self._waiting) >= PART_ROWS:
            self._flush()

    def finish(self, reader: _Reader, rows: int, truncated: bool) -> Dataset:
        """Write what is left and give the dataset."""
        import polars as pl

        self._flush()
        for part, version in self._parts:
            if version != reader.version:
                self._write(reader.again(pl.read_ipc(self._folder / part)), part)
        columns = cast(Plan, reader.plan).shown
        spool = Spool(parts=tuple(part for part, _ in self._parts), rows=rows)
        dataset = Dataset(columns, rows, truncated, spool, self._folder)
        return replace(dataset, _frame=dataset.frame()) if rows <= FRAME_ROWS else dataset

    def _flush(self) -> None:
        import polars as pl

        if not self._waiting:
            return
        part = f"{self._name}-{len(self._parts) + 1:04}.arrow"
        self._write(pl.concat(self._waiting, rechunk=True), part)
        self._parts.append((part, self._version))
        self._waiting = []

    def _write(self, frame: pl.DataFrame, part: str) -> None:
        fresh = self._folder / f"{part}.new"
        frame.write_ipc(fresh, compression="uncompressed")
        fresh.replace(self._folder / part)


def _simple(kind: pl.DataType) -> pl.DataType:
    import polars as pl

    if isinstance(kind, pl.Datetime):
        return pl.Datetime("ms", "UTC")
    if kind.is_integer() and kind not in {pl.UInt64, pl.Int128, pl.UInt128}:
        return pl.Int64()
    if kind.is_numeric():
        return pl.Float64()
    return pl.Null() if kind == pl.Null else pl.String()


def _guessed(types: dict[str, pl.DataType]) -> dict[str, pl.DataType]:
    """Types for an answer without rows from a source that knows none then (SQLite): the first one is text.

    So a chart of a dimension and metrics says that there is no data, not that it lacks a dimension.
    """
    import polars as pl

    unknown = [name for name, kind in types.items() if kind == pl.Null and name != "time"]
    if len(unknown) < 2 or any(kind == pl.String for kind in types.values()):
        return types
    return types | {unknown[0]: pl.String()}


def _merged(one: pl.DataType, other: pl.DataType) -> pl.DataType:
    import polars as pl

    if other in {one, pl.Null()}:
        return one
    if one == pl.Null:
        return other
    return pl.Float64() if one.is_numeric() and other.is_numeric() else pl.String()
