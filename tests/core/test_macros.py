"""Where variables and macros are found, and what they become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from pressroom import Query, QueryError, Window
from pressroom.macros import compile_query, statement_words

START = datetime(2013, 1, 1, tzinfo=UTC)
WINDOW = Window.cut(START, START + timedelta(days=2), "UTC", "1d")
VARIABLES = {"carrier": ("AA", "UA"), "one": ("1",), "none": ()}
DIALECTS = ["duckdb", "sqlite", "postgresql", "mysql", "mssql", "oracle"]


def compiled(text: str, dialect: str = "sqlite") -> tuple[str, tuple[str | int, ...]]:
    found = compile_query(Query(text, WINDOW, VARIABLES), dialect)
    return found.sql, found.values


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("sqlite", "x IN (:p1, :p2) AND y = :p3"),
        ("duckdb", "x IN ($p1, $p2) AND y = $p3"),
        ("postgresql", "x IN ($1, $2) AND y = $3"),
        ("mysql", "x IN (:p1, :p2) AND y = :p3"),
    ],
)
def test_placeholders(dialect: str, sql: str) -> None:
    assert compiled("x IN ($carrier) AND y = ${one}", dialect) == (sql, ("AA", "UA", "1"))


def test_no_value_matches_nothing() -> None:
    assert compiled("x IN ($none)") == ("x IN (NULL)", ())


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("sqlite", "'US$' -- $nobody\n /* $nobody */"),
        ("sqlite", '`$x` [$y] "$z"'),
        ("postgresql", "$$ body $$ $tag$ it's $tag$"),
        ("postgresql", "/* outer /* $inner */ $outer */ x"),
        ("postgresql", "E'it\\'s $5' || name$1"),
        ("mysql", "'it\\'s $5' # $nobody\n"),
        ("duckdb", "'it''s $5'"),
        ("sqlite", "price$ + a$b"),
    ],
)
def test_strings_names_and_comments_are_left_alone(dialect: str, text: str) -> None:
    assert compiled(text, dialect)[0] == text.replace(":", "\\:" if dialect == "mysql" else ":")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", ["'$carrier'", "LIKE '%${carrier}%'", "'$__from'", '"$carrier"'])
def test_a_variable_in_quotes_is_an_error(dialect: str, text: str) -> None:
    with pytest.raises(QueryError, match="write it without them"):
        compiled(f"SELECT {text}", dialect)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$carier", r"no variable \$carier; did you mean \$carrier\? there are \$carrier, \$none, \$one"),
        ("$__timefilter(a)", r"did you mean \$__timeFilter"),
        ("$__timeFilter", "needs a column in brackets"),
        ("$__timeFilter()", "needs a column in brackets"),
        ("$__timeFilter(a", "needs a column in brackets"),
        ("$1", "without a name"),
        ("${carrier", "without a name"),
        ("'open\n", "line 1 does not end"),
        ("a\n/* open", "line 2 does not end"),
    ],
)
def test_mistakes_say_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        compiled(text)


def test_a_query_without_time_refuses_macros_of_time() -> None:
    with pytest.raises(QueryError, match="needs a time range"):
        compile_query(Query("$__timeFilter(a)", None), "sqlite")


def test_a_macro_takes_an_expression_with_brackets_strings_and_variables() -> None:
    sql, values = compiled("$__timeFilter(coalesce(a, ')', $one)) x")
    assert "coalesce(a, ')', :p1)" in sql
    assert sql.endswith(" x")
    assert values == ("1",)


def test_only_the_variables_that_are_used_are_bound() -> None:
    assert compiled("SELECT $one")[1] == ("1",)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(value=st.text(max_size=30))
def test_no_value_ever_reaches_the_sql(dialect: str, value: str) -> None:
    query = Query("SELECT $x, $x", WINDOW, {"x": (value,)})
    found = compile_query(query, dialect)
    plain = compile_query(Query("SELECT $x, $x", WINDOW, {"x": ("v",)}), dialect)
    assert found.sql == plain.sql
    assert found.values == (value, value)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(text=st.text(max_size=60) | st.text(alphabet="$_{}()'\"`[]-/*#;:e \nabc", max_size=60))
def test_any_text_compiles_or_is_a_query_error(dialect: str, text: str) -> None:
    try:
        compile_query(Query(text, WINDOW, {"a": ("1",)}), dialect)
        statement_words(text, dialect)
    except QueryError:
        pass


@pytest.mark.parametrize(
    ("sql", "right"),
    [
        ("SELECT 1", ("SELECT 1", 1, "select")),
        (" select 1 ; -- end", (" select 1", 1, "select")),
        ("-- a\nSELECT ';' ;;", ("-- a\nSELECT ';'", 1, "select")),
        ("(SELECT 1)", ("(SELECT 1)", 1, "select")),
        ("SELECT 1; DROP TABLE x", ("SELECT 1; DROP TABLE x", 2, "select")),
        ("", ("", 0, "")),
        (";", ("", 0, "")),
    ],
)
def test_statements_are_counted(sql: str, right: tuple[str, int, str]) -> None:
    assert statement_words(sql, "postgresql") == right
