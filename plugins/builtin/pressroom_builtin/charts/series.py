"""Series over an axis: a dataset's metrics and second dimension in long form, every bucket present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pressroom import Column, Dataset, Request
from pressroom.locales import Locale
from pressroom_builtin.charts.shaping import label_text, unique_titles

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Series:
    """Values of several series.

    Attributes:
        frame: columns `x`, `series` (text) and `y` (Float64, null for a gap), series after series, each
            ascending in `x` where that is a time.
        order: names of the series, the legend's order.
        note: that some series were left out; empty where none was.
        rest: True where the last series is what others were added up in.
    """

    frame: pl.DataFrame
    order: tuple[str, ...]
    note: str = ""
    rest: bool = False

    @property
    def colors(self) -> tuple[str, ...]:
        """As `Plot.colors`: what is added up is in no colour of its own."""
        return ("",) * (len(self.order) - 1) + ("muted",) if self.rest else ()


def series_of(rows: Dataset, x: Column, request: Request, most: int, *, others: str = "") -> Series:
    """The metrics of `rows` over column `x`; the other dimension, where there is one, splits each metric.

    Args:
        most: series kept, those with the largest total of absolute values.
        others: name of one more series that the rest is added up in; empty to leave it out.
    """
    import polars as pl

    long = _long(rows, x, request)
    if long.is_empty():
        return Series(long.drop("zero"), ())
    totals = long.group_by("series", maintain_order=True).agg(pl.col("y").abs().sum())
    names: list[str] = totals["series"].to_list()
    note, rest = "", bool(others) and len(names) > most
    if len(names) > most:
        largest = set(totals.top_k(most, by="y")["series"].to_list())
        note = Locale.of(request.locale).word("series_left_out", shown=most, total=len(names))
        names = [name for name in names if name in largest]
        kept = long.filter(pl.col("series").is_in(names))
        if others:
            others = _free(others, names)
            small = long.filter(~pl.col("series").is_in(names)).with_columns(series=pl.lit(others))
            kept, names = pl.concat([kept, _added(small)]), [*names, others]
        long = kept
    if long.schema["x"] == pl.Datetime("ms", "UTC"):
        long = _complete(long, names, request.window.buckets)
    filled = pl.when(pl.col("zero")).then(pl.col("y").fill_null(0.0)).otherwise(pl.col("y"))
    return Series(long.select("x", "series", y=filled), tuple(names), note, rest)


def _free(name: str, names: list[str]) -> str:
    """The name, with dots behind it where a series has it already."""
    while name in names:
        name += "…"
    return name


def _added(rest: pl.DataFrame) -> pl.DataFrame:
    """One row a place: the sum of what is known there, null where nothing is."""
    import polars as pl

    known = pl.col("y").count() > 0
    total = pl.when(known).then(pl.col("y").sum())
    return rest.group_by("x", maintain_order=True).agg(pl.col("series").first(), y=total, zero=pl.col("zero").first())


def _long(rows: Dataset, x: Column, request: Request) -> pl.DataFrame:
    import polars as pl

    frame = rows.frame()
    axis = pl.col(x.name) if x.kind == "time" else label_text(x, request)
    split = next((column for column in rows.dimensions if column is not x), None)
    parts = []
    for metric, title in zip(rows.metrics, unique_titles(rows.metrics), strict=True):
        name: pl.Expr = pl.lit(title)
        if split is not None:
            name = label_text(split, request)
            if len(rows.metrics) > 1:
                name = pl.concat_str(name, pl.lit(f" · {title}"))
        value = pl.col(metric.name).cast(pl.Float64)
        part = frame.select(x=axis, series=name, y=value, zero=pl.lit(metric.fill == "zero"))
        parts.append(part.filter(pl.col("x").is_not_null()))
    return pl.concat(parts)


def _complete(long: pl.DataFrame, names: list[str], buckets: tuple[datetime, ...]) -> pl.DataFrame:
    """Every bucket for every series, ascending; times that are no buckets are only sorted."""
    import polars as pl

    place = pl.DataFrame({"series": names, "place": range(len(names))})
    times = pl.DataFrame({"x": pl.Series(buckets, dtype=pl.Datetime("ms", "UTC"))})
    if long.select(pl.col("x").is_in(times["x"].implode()).all()).item():
        zero = long.group_by("series").agg(pl.col("zero").first())
        every = place.join(times, how="cross").join(zero, on="series")
        long = every.join(long.drop("zero"), on=["series", "x"], how="left")
    else:
        long = long.join(place, on="series")
    return long.sort("place", "x", maintain_order=True).drop("place")
