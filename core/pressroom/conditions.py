"""Conditions over the numbers of a report's charts, such as `charts.rQ4zVd81.departures < 1000 and rows > 0`.

    condition  = conjunction ("or" conjunction)*
    conjunction = negation ("and" negation)*
    negation   = "not"* comparison
    comparison = expression (("<" | "<=" | ">" | ">=" | "==" | "!=") expression)?

An expression is arithmetic (see `pressroom.expression_parser`) over these values:

    rows                 rows of all charts of the report together
    charts.UID.rows      rows of one chart
    charts.UID.METRIC    a column's value in the chart's last row: the latest of a chart over time, the number of a
                         chart of one number. Names that are no words, and a column named rows, in double quotes
    sum(charts.UID.METRIC), and mean, min, max, first, last: over all rows of the chart

No value (no rows, an empty cell, x/0) is neither more nor less than anything: a comparison with it is unknown,
and what is unknown is not met. `coalesce(charts.UID.METRIC, 0)` says what to take instead.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, cast

from pressroom.errors import QueryError
from pressroom.expression_parser import FUNCTIONS, Node, Parser

How = Literal["rows", "last", "first", "sum", "mean", "min", "max"]
AGGREGATES = ("sum", "mean", "min", "max", "first", "last")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<value>charts\.[A-Za-z0-9_-]{1,40}\.(?:[^\W\d]\w*|\"(?:[^\"]|\"\")+\"))|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/(),<>]))"
)


class Value(NamedTuple):
    """A number that a condition asks for.

    Attributes:
        how: `rows` counts them; the others make one number of a column.
        chart: uid; empty for all charts of the report.
        column: name; empty for rows.
    """

    how: How
    chart: str = ""
    column: str = ""

    def __str__(self) -> str:
        """As it is written."""
        if self.how == "rows":
            return f"charts.{self.chart}.rows" if self.chart else "rows"
        plain = re.fullmatch(r"[^\W\d]\w*", self.column) and self.column != "rows"
        column = self.column if plain else '"' + self.column.replace('"', '""') + '"'
        name = f"charts.{self.chart}.{column}"
        return name if self.how == "last" else f"{self.how}({name})"


@dataclass(frozen=True)
class Condition:
    """A parsed condition.

    Attributes:
        text: as written.
        values: what has to be known to decide, in the order of the text, each once.
    """

    text: str
    values: tuple[Value, ...]
    _node: Node

    def holds(self, found: Mapping[Value, float | None]) -> bool:
        """Whether it is met; what is unknown is not.

        Args:
            found: a number, or None for no value, for each of `values`.
        """
        return _answer(self._node, found) is True


def parse(text: str) -> Condition:
    """Read a condition.

    Raises:
        QueryError: it is none; the message shows the place.
    """
    parser = _ConditionParser(text)
    node = parser.condition()
    parser.expect_end()
    if not _is_truth(node, text):
        raise QueryError(f"{text!r}: is a number; compare it with another, such as {text.strip()} > 0")
    return Condition(text, tuple(parser.values), node)


class _ConditionParser(Parser):
    token: ClassVar[re.Pattern[str]] = _TOKEN
    wanted: ClassVar[str] = "rows, charts.UID.METRIC, a number or '('"
    readable: ClassVar[str] = "rows, charts.UID.METRIC, numbers, + - * / ( ) < <= > >= == != and or not"
    functions: ClassVar[tuple[str, ...]] = tuple(dict.fromkeys((*AGGREGATES, *FUNCTIONS)))

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.values: dict[Value, None] = {}

    def condition(self) -> Node:
        node = self._conjunction()
        while self._word("or"):
            node = ("or", (node, self._conjunction()))
        return node

    def _conjunction(self) -> Node:
        node = self._negation()
        while self._word("and"):
            node = ("and", (node, self._negation()))
        return node

    def _negation(self) -> Node:
        negative = False
        while self._word("not"):
            negative = not negative
        node = self.expression()
        if sign := self._next(*_COMPARISONS):
            node = (sign, (node, self.expression()))
        return ("not", (node,)) if negative else node

    def _word(self, word: str) -> bool:
        kind, value, _ = self._tokens[self._at]
        found = kind == "name" and value == word
        self._at += found
        return found

    def _operand(self) -> Node:
        if self._next("("):
            node = self.condition()
            self._expect(")")
            return node
        kind, text, _ = self._tokens[self._at]
        called = kind == "name" and self._tokens[self._at + 1][1] == "("
        if kind == "value" or self._word("rows"):
            self._at += kind == "value"
            return self._asked(_value(text) if kind == "value" else Value("rows"))
        if kind == "name" and not called:
            raise self._wrong(self.wanted)
        return super()._operand()

    def _call(self, function: str) -> Node:
        kind, text, _ = self._tokens[self._at]
        alone = kind == "value" and self._tokens[self._at + 1][1] == ")"
        if function not in AGGREGATES or (function in FUNCTIONS and not alone):
            return super()._call(function)
        if not alone or _value(text).how == "rows":
            raise self._wrong(f"one charts.UID.METRIC as what {function} is over")
        self._at += 2
        return self._asked(_value(text)._replace(how=cast(How, function)))

    def _asked(self, value: Value) -> Node:
        self.values.setdefault(value)
        return ("value", tuple(value))


def _value(text: str) -> Value:
    _, chart, column = text.split(".", 2)
    if column == "rows":
        return Value("rows", chart)
    return Value("last", chart, column[1:-1].replace('""', '"') if column.startswith('"') else column)


def _is_truth(node: Node, text: str) -> bool:
    """Whether a node is true or false rather than a number; raises where one stands in the other's place."""
    kind, parts = node
    if kind in ("value", "number"):
        return False
    inner = kind in ("and", "or", "not")
    for part in parts:
        if isinstance(part, tuple) and _is_truth(part, text) is not inner:
            is_, not_ = ("a number", "true or false") if inner else ("true or false", "a number")
            raise QueryError(f"{text!r}: what {kind} stands with is {is_}, not {not_}")
    return inner or kind in _COMPARISONS


def _answer(node: Node, found: Mapping[Value, float | None]) -> float | bool | None:
    """A number or a truth; None where it is unknown."""
    kind, parts = node
    if kind == "value":
        return found[Value(*cast("tuple[How, str, str]", parts))]
    if kind == "number":
        return cast(float, parts[0])
    answers: list[Any] = [_answer(part, found) if isinstance(part, tuple) else part for part in parts]
    if kind in ("and", "or"):
        # one side may decide though the other is unknown
        decides = kind == "or"
        return decides if decides in answers else None if None in answers else not decides
    if kind == "coalesce":
        return next((answer for answer in answers if answer is not None), None)
    if None in answers:
        return None
    result = _OPERATORS[kind](*answers)
    return None if isinstance(result, float) and not math.isfinite(result) else result


def _divide(left: float, right: float) -> float | None:
    return left / right if right else None


def _round(value: float, places: float = 0.0) -> float:
    return round(value, int(places))


_COMPARISONS: dict[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_OPERATORS: dict[str, Callable[..., Any]] = {
    **_COMPARISONS,
    "not": operator.not_,
    "negative": operator.neg,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "abs": abs,
    "min": min,
    "max": max,
    "round": _round,
}
