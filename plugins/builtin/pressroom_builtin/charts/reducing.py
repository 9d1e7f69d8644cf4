"""Fewer points to draw, of the same look: the rows that people get keep all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

MAX_POINTS = 6000
"""Points drawn in a plot of lines, over all series."""
MAX_BARS = 600
"""Bars side by side."""


def thin_lines(frame: pl.DataFrame, series: int) -> pl.DataFrame:
    """Lines of at most some MAX_POINTS points in all.

    Each long series is cut into stretches of equal length; of each stretch the first, the last, the
    smallest and the largest value stay, and one null where it has a gap.

    Args:
        frame: `x`, `series`, `y`, each series in one piece.
        series: how many there are.
    """
    import polars as pl

    most = max(200, MAX_POINTS // max(1, series))
    stretches = most // 5
    row, length = pl.int_range(pl.len()), pl.len()
    cut = frame.with_columns(
        row=pl.int_range(pl.len()),
        stretch=pl.when(length > most).then(row * stretches // length).otherwise(row).over("series"),
    )
    value, here = pl.col("y"), pl.col("row")
    kept = cut.group_by("series", "stretch").agg(
        a=here.first(),
        b=here.last(),
        c=here.filter(value == value.min()).first(),
        d=here.filter(value == value.max()).first(),
        e=here.filter(value.is_null()).first(),
    )
    rows = kept.unpivot(["a", "b", "c", "d", "e"])["value"].drop_nulls().unique().sort()
    return frame if rows.len() == frame.height else frame[rows]


def thin_bars(frame: pl.DataFrame) -> pl.DataFrame:
    """Bars at no more than MAX_BARS places; of each stretch of places the one with the largest value stays."""
    import polars as pl

    places = frame.group_by("x", maintain_order=True).agg(pl.col("y").abs().max().fill_null(-1.0)).sort("x")
    if places.height <= MAX_BARS:
        return frame
    stretch = pl.int_range(pl.len()) * MAX_BARS // pl.len()
    kept = places.group_by(stretch.alias("stretch"), maintain_order=True).agg(pl.col("x").get(pl.col("y").arg_max()))
    return frame.join(kept.select("x"), on="x", how="semi", maintain_order="left")
