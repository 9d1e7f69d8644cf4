"""Datasets for the tests of chart types: so many dimensions and metrics, with or without time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pressroom.charts import Request
from pressroom.press.spools import spool
from pressroom.sources import FRAME_ROWS, Column, Dataset, Kind, Role
from pressroom.testing.hostile import TEXTS
from pressroom.timerange import Window

if TYPE_CHECKING:
    import polars as pl

Content = Literal["usual", "empty", "nulls", "ends", "hostile", "single", "negative"]
CONTENTS: tuple[Content, ...] = ("usual", "empty", "nulls", "ends", "hostile", "single", "negative")
START = datetime(2013, 1, 1, tzinfo=UTC)
DAYS = Window.cut(START, datetime(2013, 1, 15, tzinfo=UTC), "UTC", "1d")
CITIES = ("Oslo", "Lima", "城市", "Łódź", "Perth")
ENDS = (1e308, -1e308, 5e-324, 0.0, -0.0, 1e15 + 0.5)


def request(*, title: str = "Visits", previous: Dataset | None = None, locale: str = "en") -> Request:
    """What a chart is asked for: two weeks, cut into days."""
    return Request(uid="rQ4zVd81", title=title, window=DAYS, previous=previous, locale=locale)


def columns(time: bool, dimensions: int, metrics: int) -> tuple[Column, ...]:
    """Columns `time`, `city1` ..., `visits1` ..."""
    found = [Column(name="time", role=Role.time, kind=Kind.time)] if time else []
    found += [Column(name=f"city{number}", role=Role.dimension, kind=Kind.text) for number in range(1, dimensions + 1)]
    found += [Column(name=f"visits{number}", role=Role.metric, kind=Kind.number) for number in range(1, metrics + 1)]
    return tuple(found)


def dataset(content: Content, *, time: bool, dimensions: int, metrics: int, rows: int = 30) -> Dataset:
    """A dataset held in memory, with at most so many rows."""
    import polars as pl

    rows = min(rows, {"empty": 0, "single": 1, "hostile": len(TEXTS)}.get(content, rows))
    made = columns(time, dimensions, metrics)
    data = {column.name: [_cell(content, column, row) for row in range(rows)] for column in made}
    return Dataset.of(pl.DataFrame(data, schema=_schema(made)), made)


def large(folder: Path, *, time: bool, dimensions: int, metrics: int) -> Dataset:
    """A dataset with more rows than are held in memory, in a spool of several parts."""
    import polars as pl

    made, part = columns(time, dimensions, metrics), FRAME_ROWS // 2 + 1
    number = pl.int_range(part, eager=True)

    def values(column: Column, offset: int) -> pl.Series:
        if column.kind is Kind.time:
            moments = pl.lit(START) + pl.duration(seconds=pl.lit(number + offset))
            return pl.select(moments.cast(pl.Datetime("ms", "UTC"))).to_series()
        if column.kind is Kind.text:
            return pl.select(pl.format("place {}", number + offset)).to_series()
        return ((number * 7919 + offset) % 1000).cast(pl.Float64)

    frames = (pl.DataFrame([values(column, offset).alias(column.name) for column in made]) for offset in (0, part))
    kept = spool(frames, folder, "large")
    return Dataset(made, kept.rows, False, kept, folder)


def _cell(content: Content, column: Column, row: int) -> object:
    if column.kind is Kind.time:
        return START + timedelta(days=row % 14)
    if content == "nulls" and row % 3:
        return None
    if column.kind is Kind.text:
        return TEXTS[row] if content == "hostile" else CITIES[(row + len(column.name)) % len(CITIES)]
    if content == "nulls":
        return None
    if content == "ends":
        return ENDS[row % len(ENDS)]
    return -1.5 - row if content == "negative" else 10.0 * (row % 7) + 0.5


def _schema(made: tuple[Column, ...]) -> dict[str, pl.DataType]:
    import polars as pl

    types: dict[Kind, pl.DataType] = {
        Kind.time: pl.Datetime("ms", "UTC"),
        Kind.number: pl.Float64(),
        Kind.text: pl.String(),
    }
    return {column.name: types[column.kind] for column in made}
