"""Python rows as frames, for the databases that do not speak Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pressroom import QueryError

if TYPE_CHECKING:
    import polars as pl

BATCH = 20_000


def check_names(names: list[str]) -> list[str]:
    """The names, where no two are equal; QueryError otherwise."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise QueryError(f"two columns are called {repeated[0]}; name one of them otherwise with AS")
    return names


def frame(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """A batch of rows as a frame; a column that holds several types becomes text."""
    import polars as pl

    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pl.DataFrame([_series(name, values) for name, values in zip(names, columns, strict=True)])


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    import polars as pl

    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pl.Series(name, values, pl.Null)
    if kinds <= {int, float, Decimal}:
        whole = kinds == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values)
        if whole:
            return pl.Series(name, values, pl.Int64)
        return pl.Series(name, [None if value is None else float(value) for value in values], pl.Float64)
    if len(kinds) == 1:
        kind = kinds.pop()
        if kind is bytes:
            return pl.Series(name, values, pl.Binary)
        if kind is str:
            return pl.Series(name, values, pl.String)
        if kind.__module__ == "datetime" and kind.__name__ in {"datetime", "date", "time"}:
            return pl.Series(name, values)
    return pl.Series(name, [None if value is None else _text(value) for value in values], pl.String)


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
