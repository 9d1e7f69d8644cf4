"""Arithmetic over columns and metrics: a metric's `expr`, such as `total_delay / departures`.

    expression = term (("+" | "-") term)*        a name is a word, or anything in double quotes
    term       = unary (("*" | "/") unary)*      functions: abs, round, min, max, coalesce
    unary      = ("+" | "-") unary | number | name | function "(" expression, ... ")" | "(" expression ")"

Division is true division and x/0 is null; null in, null out (except in coalesce). Nothing else can be
written, so an expression is safe whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from pressroom.errors import QueryError

if TYPE_CHECKING:
    import polars as pl

MAX_LENGTH = 2000
MAX_DEPTH = 50
MAX_TOKENS = 300
"""Longer chains of operators would nest deeper than Python and Polars recurse."""
FUNCTIONS = {"abs": (1, 1), "round": (1, 2), "min": (2, 20), "max": (2, 20), "coalesce": (2, 20)}
"""Functions with the least and the most arguments they take."""
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<quoted>\"(?:[^\"]|\"\")+\")|(?P<sign>[-+*/(),]))"
)

Node = tuple[str, tuple["Node | str | float", ...]]
"""An operator or function with its operands; `name` and `number` hold a leaf."""


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
    if len(text) > MAX_LENGTH:
        raise QueryError(f"an expression of {len(text)} characters; at most {MAX_LENGTH} are read")
    parser = _Parser(text)
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


class _Parser:
    """Recursive descent over the tokens, one method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()
        self._tokens = list(self._scan())
        if len(self._tokens) > MAX_TOKENS:
            raise QueryError(f"an expression of {len(self._tokens)} names, numbers and signs; at most {MAX_TOKENS}")
        self._at = 0
        self._depth = 0

    def _scan(self) -> Iterator[tuple[str, str, int]]:
        place = 0
        while self.text[place:].strip():
            found = _TOKEN.match(self.text, place)
            if found is None:
                left = self.text[place:].lstrip()
                raise QueryError(f"cannot read {left[:20]!r}; write names, numbers, + - * / ( ) and {_functions()}")
            assert found.lastgroup is not None
            yield found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)
            place = found.end()
        yield "end", "", len(self.text)

    def _next(self, *signs: str) -> str | None:
        kind, value, _ = self._tokens[self._at]
        if kind == "sign" and value in signs:
            self._at += 1
            return value
        return None

    def _wrong(self, wanted: str) -> QueryError:
        kind, value, place = self._tokens[self._at]
        found = "the end" if kind == "end" else f"{value!r} at character {place + 1}"
        return QueryError(f"{self.text!r}: expected {wanted}, found {found}")

    def expect_end(self) -> None:
        if self._tokens[self._at][0] != "end":
            raise self._wrong("an operator or the end")

    def _expect(self, sign: str) -> None:
        if self._next(sign) is None:
            raise self._wrong(repr(sign))

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(f"brackets and signs nested deeper than {MAX_DEPTH}")
        node = self._term()
        while sign := self._next("+", "-"):
            node = (sign, (node, self._term()))
        self._depth -= 1
        return node

    def _term(self) -> Node:
        node = self._unary()
        while sign := self._next("*", "/"):
            node = (sign, (node, self._unary()))
        return node

    def _unary(self) -> Node:
        negative = False
        while sign := self._next("+", "-"):
            negative ^= sign == "-"
        node = self._operand()
        return ("negative", (node,)) if negative else node

    def _operand(self) -> Node:
        if self._next("("):
            node = self.expression()
            self._expect(")")
            return node
        kind, value, _ = self._tokens[self._at]
        if kind not in {"number", "name", "quoted"}:
            raise self._wrong("a name, a number or '('")
        self._at += 1
        if kind == "number":
            return ("number", (float(value),))
        if kind == "name" and self._next("("):
            return self._call(value)
        name = value[1:-1].replace('""', '"') if kind == "quoted" else value
        self.names.add(name)
        return ("name", (name,))

    def _call(self, function: str) -> Node:
        if function not in FUNCTIONS:
            raise QueryError(f"{self.text!r}: no function {function}; there are {_functions()}")
        arguments = [self.expression()]
        while self._next(","):
            arguments.append(self.expression())
        self._expect(")")
        least, most = FUNCTIONS[function]
        if not least <= len(arguments) <= most:
            raise QueryError(f"{self.text!r}: {function} takes {least} to {most} values, not {len(arguments)}")
        if function == "round" and len(arguments) == 2:
            return ("round", (arguments[0], self._places(arguments[1])))
        return (function, tuple(arguments))

    def _places(self, node: Node) -> float:
        places = node[1][0] if node[0] == "number" else None
        if not isinstance(places, float) or places not in range(16):
            raise QueryError(f"{self.text!r}: the second value of round must be a number from 0 to 15")
        return places


def _functions() -> str:
    return ", ".join(FUNCTIONS)
