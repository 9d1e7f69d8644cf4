"""Rows of charts as clients read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressroom import Column, Dataset, Kind
from pressroom_builtin.api import wire

if TYPE_CHECKING:
    import polars as pl

PREVIEW_ROWS = 100


def columns_of(columns: tuple[Column, ...]) -> list[wire.ColumnItem]:
    """Columns as clients read them."""
    return [
        wire.ColumnItem(id=each.name, name=each.title, role=each.role.value, type=each.kind.value, unit=each.unit)
        for each in columns
    ]


def preview_of(rows: Dataset) -> wire.PreviewBody:
    """The first rows."""
    first = next(rows.batches(PREVIEW_ROWS), None)
    return wire.PreviewBody(
        columns=columns_of(rows.columns),
        rows=[] if first is None else [list(row) for row in _readable(first, rows.columns).iter_rows()],
        total=rows.rows,
        truncated=rows.truncated,
    )


def _readable(frame: pl.DataFrame, columns: tuple[Column, ...]) -> pl.DataFrame:
    import polars as pl

    times = [column.name for column in columns if column.kind is Kind.time]
    return frame.with_columns(pl.col(times).dt.epoch("ms")) if times else frame
