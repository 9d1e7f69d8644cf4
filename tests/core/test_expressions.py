"""A metric's `expr`: what may be written, and what it gives."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given, strategies as st

from pressroom import QueryError
from pressroom.expressions import order, parse

FRAME = pl.DataFrame({"a": [6, 1, None, 0], "b": [4.0, 0.0, 2.0, 0.0], "mean delay": [1, 2, 3, 4]})


def values(text: str) -> list[Any]:
    return FRAME.select(parse(text).polars()).to_series().to_list()


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a / b", [1.5, None, None, None]),
        ("a + b * 2", [14, 1, None, 0]),
        ("(a + b) * 2", [20, 2, None, 0]),
        ("a - b - 1", [1, 0, None, -1]),
        ("12 / 3 / 2", [2]),
        ("-a * -2", [12, 2, None, 0]),
        ("2 - -a", [8, 3, None, 2]),
        ('"mean delay" + 1', [2, 3, 4, 5]),
        ("round(a / 7, 2)", [0.86, 0.14, None, 0]),
        ("round(2.4)", [2]),
        ("abs(b - 5)", [1, 5, 3, 5]),
        ("min(a, b, 5)", [4, 0, None, 0]),
        ("max(a, b)", [6, 1, None, 0]),
        ("coalesce(a / b, 0)", [1.5, 0, 0, 0]),
        ("1e3 * .5", [500]),
        ("1e308 * 10", [None]),
    ],
)
def test_arithmetic(text: str, right: list[Any]) -> None:
    found = values(text)
    assert found == (right if len(found) > 1 else right[:1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a +",
        "(a",
        "a)",
        "a; b",
        "__import__('os')",
        "a.b",
        "a[0]",
        "a if b else 0",
        "a ** 2",
        "a // b",
        "lambda: 0",
        "f(a)",
        "round(a, b)",
        "round(a, 99)",
        "abs()",
        "abs(a, b)",
        "'a'",
        '"a',
        "a\x00",
        "1..2",
        "a = b",
        "(" * 100 + "a" + ")" * 100,
        "1" + "+1" * 900,
        "1" + "+1" * 400,
        "max(" * 60 + "a" + ", a)" * 60,
        "- " * 900,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


@given(st.text(max_size=60) | st.text(alphabet='ab"()+-*/,. 019e', max_size=60))
def test_any_text_is_an_expression_or_a_query_error(text: str) -> None:
    try:
        expression = parse(text)
        order({"m": text}, columns=["a", "b"], metrics=["m"])
    except QueryError:
        return
    found = FRAME.select(expression.polars()).to_series().to_list()
    assert all(value is None or math.isfinite(value) for value in found)


def test_metrics_are_put_after_those_they_need() -> None:
    found = order({"c": "d * 2", "d": "e / a", "e": "a + 1"}, columns=["a"], metrics=["c", "d", "e"])
    assert [name for name, _ in found] == ["e", "d", "c"]


def test_a_metric_may_be_called_as_its_column() -> None:
    assert order({"a": "a / 60"}, columns=["a"], metrics=["a"])[0][0] == "a"


def test_a_circle_is_named() -> None:
    with pytest.raises(QueryError, match=r"circle: .*p.* -> .*q"):
        order({"p": "q + 1", "q": "r", "r": "p"}, columns=["a"], metrics=["p", "q", "r"])


def test_an_unknown_name_gives_the_nearest() -> None:
    with pytest.raises(
        QueryError, match="metric mean: expr: no numeric column or metric departues; did you mean departures"
    ):
        order({"mean": "delay / departues"}, columns=["delay", "departures"], metrics=["mean"])
