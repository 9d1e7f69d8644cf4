"""Arithmetic over columns and metrics: a metric's `expr`, such as `total_delay / departures`.

What can be written: `pressroom.expression_parser`. Division is true division and x/0 is null; null in, null out
(except in coalesce).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from pressroom.errors import QueryError
from pressroom.expression_parser import Node, Parser

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Expression:
    """A parsed expression.

    Attributes:
        text: as written.
        names: the columns and metrics it refers to.
    """

    text: str
    names: frozenset[str]
    _node: Node

    def polars(self, rename: Mapping[str, str] | None = None) -> pl.Expr:
        """The same as a Polars expression that gives Float64, finite or null.

        Args:
            rename: the frame's columns for names that are called otherwise there.
        """
        import polars as pl

        value = _build(self._node, rename or {}).cast(pl.Float64)
        return pl.when(value.is_finite()).then(value)


def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        QueryError: it is none; the message shows the place.
    """
    parser = Parser(text)
    node = parser.expression()
    parser.expect_end()
    return Expression(text, frozenset(parser.names), node)


def order(
    texts: Mapping[str, str], *, columns: Sequence[str], metrics: Sequence[str]
) -> tuple[tuple[str, Expression], ...]:
    """Parse metrics' expressions and put each after those that it refers to.

    A name is another metric, else a numeric column of the query; a metric's own name is the column.

    Args:
        texts: expression by metric.
        columns: numeric columns of the query.
        metrics: all metrics, with and without an expression.

    Raises:
        QueryError: a wrong expression, an unknown name, metrics that refer to each other in a circle.
    """
    parsed: dict[str, Expression] = {}
    for metric, text in texts.items():
        try:
            parsed[metric] = parse(text)
        except QueryError as error:
            raise QueryError(f"metric {metric}: expr: {error}") from error
        _check_names(metric, parsed[metric], columns, [name for name in metrics if name != metric])
    needs = {metric: (parsed[metric].names & parsed.keys()) - {metric} for metric in parsed}
    try:
        return tuple((metric, parsed[metric]) for metric in TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise QueryError(f"metrics refer to each other in a circle: {circle}; break it in one expr") from error


def _check_names(metric: str, expression: Expression, columns: Sequence[str], others: Sequence[str]) -> None:
    known = [*columns, *(name for name in others if name not in columns)]
    for name in sorted(expression.names.difference(known)):
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}? " if near else ""
        raise QueryError(
            f"metric {metric}: expr: no numeric column or metric {name}; {hint}there are {', '.join(known) or 'none'}"
        )


def _build(node: Node, rename: Mapping[str, str]) -> pl.Expr:
    import polars as pl

    kind, parts = node
    if kind == "name":
        return pl.col(rename.get(str(parts[0]), str(parts[0]))).cast(pl.Float64)
    if kind == "number":
        return pl.lit(parts[0], dtype=pl.Float64)
    if kind == "round":
        places = parts[1] if len(parts) > 1 else 0.0
        return _build(parts[0], rename).round(int(places))  # type: ignore[arg-type]
    values = [_build(part, rename) for part in parts if isinstance(part, tuple)]
    return _OPERATORS[kind](*values)


def _divide(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.when(right != 0).then(left / right)


def _extreme(*values: pl.Expr, largest: bool) -> pl.Expr:
    import polars as pl

    found = pl.max_horizontal(*values) if largest else pl.min_horizontal(*values)
    return pl.when(~pl.any_horizontal([value.is_null() for value in values])).then(found)


def _coalesce(*values: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.coalesce(*values)


_OPERATORS: dict[str, Callable[..., pl.Expr]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "negative": lambda value: -value,
    "abs": lambda value: value.abs(),
    "min": lambda *values: _extreme(*values, largest=False),
    "max": lambda *values: _extreme(*values, largest=True),
    "coalesce": _coalesce,
}
