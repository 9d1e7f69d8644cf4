"""How conditions are written, and what they make of numbers and of none."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from pressroom.conditions import Value, parse
from pressroom.errors import QueryError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("rows > 0", ["rows"]),
        ("charts.a-b_1.rows > 0 or charts.a.rows > charts.a-b_1.rows", ["charts.a-b_1.rows", "charts.a.rows"]),
        (
            'charts.a."rows" > 0 and sum(charts.a."net ""total""") > 1',
            ['charts.a."rows"', 'sum(charts.a."net ""total""")'],
        ),
        ("max(charts.a.b) > max(charts.a.b, charts.a.c)", ["max(charts.a.b)", "charts.a.b", "charts.a.c"]),
        ("round(mean(charts.a.b), 1) >= -1.5e3", ["mean(charts.a.b)"]),
        ("not (rows > 1 and (rows - 1) * 2 < 9)", ["rows"]),
    ],
)
def test_what_a_condition_asks_for(text: str, values: list[str]) -> None:
    assert [str(value) for value in parse(text).values] == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found the end"),
        ("rows", "is a number; compare it with another, such as rows > 0"),
        ("rows = 1", "cannot read '= 1'"),
        ("1 < rows < 3", "found '<' at character 10"),
        ("departures > 1", "expected rows, charts.UID.METRIC"),
        ("charts.a > 1", "cannot read '.a > 1'"),
        ("sum(charts.a.rows) > 1", "expected one charts.UID.METRIC as what sum is over"),
        ("sum(charts.a.b, 2) > 1", "expected one charts.UID.METRIC as what sum is over"),
        ("(rows > 1) + 1 > 2", "what + stands with is true or false, not a number"),
        ("rows and rows > 1", "what and stands with is a number, not true or false"),
        ("not rows", "what not stands with is a number"),
        ("eval(1) > 1", "no function eval"),
        ("(" * 60 + "rows" + ")" * 60 + " > 0", "nested deeper than 50"),
        ("rows > 0 and " * 200 + "rows > 0", "characters; at most 2000"),
    ],
)
def test_a_condition_that_is_none(text: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("text", "rows", "expected"),
    [
        ("rows > 1", None, False),
        ("rows <= 1", None, False),
        ("not rows > 1", None, False),
        ("rows > 1 or 1 < 2", None, True),
        ("rows > 1 and 1 < 2", None, False),
        ("not (rows > 1 and 1 > 2)", None, True),
        ("coalesce(rows, 5) == 5", None, True),
        ("1 / rows > 1 or 1 / rows <= 1", 0.0, False),
        ("1e308 * 10 * rows > 1", 1.0, False),
        ("abs(0 - rows) >= max(2, 1, 0) and round(rows / 3, 1) == 0.7", 2.0, True),
    ],
)
def test_what_is_unknown_is_not_met(text: str, rows: float | None, expected: bool) -> None:
    assert parse(text).holds({Value("rows"): rows}) is expected


@given(st.text(alphabet="rowschats.ab \"'()<>=!+-*/,0123456789andornot_", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        condition = parse(text)
    except QueryError:
        return
    assert condition.holds(dict.fromkeys(condition.values, 1.0)) in (True, False)
    assert condition.holds(dict.fromkeys(condition.values)) in (True, False)
