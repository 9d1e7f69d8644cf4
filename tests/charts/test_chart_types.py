"""Chart types from the outside: the rows they give, the figures they make, what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings, strategies as st

from pressroom import (
    ChartError,
    Column,
    Context,
    Dataset,
    Figure,
    Kind,
    Number,
    Plot,
    Request,
    Role,
    Setup,
    Table,
    Window,
)
from pressroom_builtin.charts import register_charts

TYPES = {chart.name: chart for chart in register_charts()}
DAYS = Window.cut(datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 1, 6, tzinfo=UTC), "UTC", "1d")
TIME = Column(name="time", role=Role.time, kind=Kind.time)
CITY = Column(name="city", role=Role.dimension, kind=Kind.text)
OS = Column(name="os", role=Role.dimension, kind=Kind.text)


def metric(name: str, **more: Any) -> Column:
    return Column(name=name, role=Role.metric, kind=Kind.number, **more)


M, N, K, L, P = (metric(name) for name in "mnklp")


def times(*days: int) -> pl.Series:
    start = datetime(2013, 1, 1, tzinfo=UTC)
    return pl.Series("time", [start + timedelta(days=day) for day in days], dtype=pl.Datetime("ms", "UTC"))


def ask(name: str, data: dict[str, Any], *columns: Column, **more: Any) -> tuple[Dataset, Figure]:
    """The rows and the figure of a chart over a small dataset."""
    options = more.pop("options", {})
    truncated = more.pop("truncated", False)
    setup = Setup(instance=name, workspace=Path("/nowhere"), scratch=Path("/nowhere"))
    chart = TYPES[name](TYPES[name].Config(), setup)
    request = Request(**{"uid": "rQ4zVd81", "title": "", "window": DAYS, **more})
    schema = {column.name: pl.Float64 for column in columns if column.kind == "number"}
    dataset = Dataset.of(pl.DataFrame(data, schema_overrides=schema, strict=False), columns, truncated=truncated)
    chosen = TYPES[name].Options(**options)
    rows = chart.rows(dataset, chosen, request)
    return rows, chart.figure(rows, chosen, request, Context(Path("/nowhere")))


def plot(figure: Figure) -> Plot:
    assert isinstance(figure, Plot)
    # figures cross processes
    assert msgspec.json.decode(msgspec.json.encode(figure), type=Figure) == figure
    return figure


def test_all_documented_types_are_there() -> None:
    names = {"line", "vertical-bar", "horizontal-bar", "two-way-bar", "table", "number", "bubble"}
    more = {"area", "stacked-bar", "pie", "heatmap", "gauge", "funnel", "text"}
    assert set(TYPES) == names | more


@pytest.mark.parametrize("chart", TYPES.values(), ids=lambda chart: str(chart.name))
def test_options_explain_themselves(chart: Any) -> None:
    assert chart.summary
    for name, field in chart.Options.model_fields.items():
        assert field.description, name


def test_line_rows_are_time_dimension_metrics_ascending() -> None:
    rows, _ = ask("line", {"m": [3, 1, 2], "city": ["b", "a", "b"], "time": times(2, 0, 1)}, M, CITY, TIME)
    assert [column.name for column in rows.columns] == ["time", "city", "m"]
    assert rows.frame()["m"].to_list() == [1.0, 2.0, 3.0]


def test_line_figure_has_every_bucket_and_keeps_gaps() -> None:
    _, figure = ask("line", {"time": times(1, 3), "m": [5, 6]}, TIME, M)
    drawn = plot(figure)
    assert drawn.column("value").values == [None, 5.0, None, 6.0, None]
    assert drawn.column("time").values[0] == 1356998400000
    assert drawn.legend == "none"
    # values that stand alone between gaps get a dot
    assert [mark.kind for mark in drawn.marks] == ["line", "point"]


def test_line_fill_zero_draws_zeros() -> None:
    _, figure = ask("line", {"time": times(1), "m": [5]}, TIME, metric("m", fill="zero"))
    assert plot(figure).column("value").values == [0.0, 5.0, 0.0, 0.0, 0.0]


def test_line_times_that_are_no_buckets_are_drawn_as_they_are() -> None:
    odd = pl.Series([datetime(2013, 1, 1, 7, 3, tzinfo=UTC)], dtype=pl.Datetime("ms", "UTC"))
    _, figure = ask("line", {"time": odd, "m": [5]}, TIME, M)
    assert len(plot(figure).column("value").values) == 1


def test_line_series_of_a_dimension_and_of_several_metrics() -> None:
    data = {"time": times(0, 0), "city": ["a", None], "m": [1, 2], "n": [3, 4]}
    _, figure = ask("line", data, TIME, CITY, metric("m", label="访问量"), metric("n", label="访问量"))
    assert plot(figure).series_order == ("a · 访问量", "n/a · 访问量", "a · 访问量 (n)", "n/a · 访问量 (n)")
    assert plot(figure).legend == "bottom"


def test_line_many_series_keep_the_largest_and_say_so() -> None:
    count = 40
    data = {"time": times(*[0] * count), "city": [f"c{i}" for i in range(count)], "m": list(range(count))}
    _, figure = ask("line", data, TIME, CITY, M, locale="zh")
    assert plot(figure).series_order == tuple(f"c{i}" for i in range(28, 40))
    assert "12" in plot(figure).note
    assert "系列" in plot(figure).note


def test_line_thins_what_nobody_can_see_but_keeps_the_rows() -> None:
    count = 100_000
    start = datetime(2013, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(minutes=i) for i in range(count)]
    values: list[float | None] = [float(i % 97) for i in range(count)]
    values[51_234] = 1e6
    values[60_000:70_000] = [None] * 10_000
    rows, figure = ask("line", {"time": pl.Series(moments, dtype=pl.Datetime("ms", "UTC")), "m": values}, TIME, M)
    drawn = plot(figure).column("value").values
    assert rows.rows == count
    assert len(drawn) < 7000
    assert 1e6 in drawn
    assert None in drawn
    assert "100,000" in plot(figure).note


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=3000))
@settings(max_examples=30, deadline=None)
def test_thinning_keeps_extremes_and_ends(values: list[float | None]) -> None:
    from pressroom_builtin.charts import reducing

    series = ["a"] * len(values)
    frame = pl.DataFrame({"x": range(len(values)), "series": series, "y": pl.Series(values, dtype=pl.Float64)})
    thin = reducing.thin_lines(frame, 30)
    assert thin.height <= max(len(values), 200)
    assert thin["x"].is_sorted()
    assert {thin["x"][0], thin["x"][-1]} == {0, len(values) - 1}
    assert thin["y"].min() == frame["y"].min()
    assert thin["y"].max() == frame["y"].max()
    assert (thin["y"].null_count() > 0) == (frame["y"].null_count() > 0)


def test_vertical_bar_over_time_and_over_a_dimension() -> None:
    rows, figure = ask("vertical-bar", {"time": times(1, 0), "m": [2, 1]}, TIME, M)
    assert rows.frame()["m"].to_list() == [1.0, 2.0]
    assert plot(figure).column("value").values == [1.0, 2.0, None, None, None]
    rows, figure = ask("vertical-bar", {"city": ["Mon", "Tue"], "m": [2, 1]}, CITY, M)
    assert plot(figure).x.kind == "category"
    assert plot(figure).column("place").values == ["Mon", "Tue"]


@pytest.mark.parametrize(("options", "stack"), [({}, "zero"), ({"stacked": False}, "none"), ({"share": True}, "share")])
def test_vertical_bar_stacks(options: dict[str, Any], stack: str) -> None:
    data = {"time": times(0, 0), "city": ["a", "b"], "m": [1, 2]}
    _, figure = ask("vertical-bar", data, TIME, CITY, M, options=options)
    assert plot(figure).marks[0].stack == stack


def test_vertical_bar_does_not_stack_different_units() -> None:
    data = {"time": times(0), "m": [1], "n": [2]}
    _, figure = ask("vertical-bar", data, TIME, metric("m", unit="min"), N)
    assert plot(figure).marks[0].stack == "none"


def test_horizontal_bar_ranks_and_leaves_the_tail_out_of_the_figure_only() -> None:
    cities = [f"c{i}" for i in range(500)]
    rows, figure = ask("horizontal-bar", {"city": cities, "m": [*range(499), None]}, CITY, M)
    assert rows.rows == 500
    assert rows.frame()["city"].to_list()[:2] == ["c498", "c497"]
    assert rows.frame()["city"].to_list()[-1] == "c499"
    assert plot(figure).column("place").values == [f"c{i}" for i in range(498, 483, -1)]
    assert "500" in plot(figure).note


@given(st.lists(st.one_of(st.none(), st.integers(-50, 50)), max_size=60))
@settings(max_examples=60, deadline=None)
def test_two_way_bar_gives_both_ends_once(values: list[int | None]) -> None:
    data = {"city": [str(i) for i in range(len(values))], "m": values}
    rows, _ = ask("two-way-bar", {**data, "city": pl.Series(data["city"], dtype=pl.String)}, CITY, M)
    given_rows = rows.frame()
    known = sorted((value for value in values if value is not None), reverse=True)
    assert given_rows.height == min(20, len(values))
    assert given_rows["city"].n_unique() == given_rows.height
    got = given_rows["m"].drop_nulls().to_list()
    assert got == sorted(got, reverse=True)
    if len(known) > 20:
        assert got == known[:10] + known[-10:]
    else:
        assert got == known


def test_two_way_bar_colours_by_sign() -> None:
    _, figure = ask("two-way-bar", {"city": ["a", "b"], "m": [3, -2]}, CITY, M)
    assert plot(figure).column("sign").values == ["+", "-"]


def test_table_orders_by_time_else_by_the_first_metric() -> None:
    rows, figure = ask("table", {"m": [1, 2], "time": times(1, 0), "city": ["x", "y"]}, M, TIME, CITY)
    assert [column.name for column in rows.columns] == ["time", "city", "m"]
    assert rows.frame()["m"].to_list() == [2.0, 1.0]
    assert figure == Table(columns=("time", "city", "m"))
    rows, _ = ask("table", {"city": ["a", "b", "c"], "m": [1, None, 2]}, CITY, M)
    assert rows.frame()["m"].to_list() == [2.0, 1.0, None]
    rows, _ = ask("table", {"city": ["a", "b"], "m": [1, 2]}, CITY, M, options={"order": "query"})
    assert rows.frame()["m"].to_list() == [1.0, 2.0]


def test_number_is_one_row_and_knows_the_period_before() -> None:
    before = Dataset.of(pl.DataFrame({"m": [80.0]}), (M,))
    rows, figure = ask("number", {"m": [100], "city": ["x"]}, M, CITY, previous=before)
    assert rows.frame().rows() == [(100.0,)]
    assert figure == Number(items=(Number.Item(value=100.0, previous=80.0),))
    _, figure = ask("number", {"m": [100]}, M)
    assert figure == Number(items=(Number.Item(value=100.0),))


@pytest.mark.parametrize("compare", [True, False])
def test_number_asks_for_the_period_before_as_its_option_says(compare: bool) -> None:
    setup = Setup(instance="number", workspace=Path("/nowhere"), scratch=Path("/nowhere"))
    chart = TYPES["number"](TYPES["number"].Config(), setup)
    assert chart.compares(TYPES["number"].Options(compare=compare)) is compare


def test_number_without_rows_is_null_and_with_several_an_error() -> None:
    rows, figure = ask("number", {"m": []}, M)
    assert rows.rows == 1
    assert figure == Number(items=(Number.Item(value=None),))
    with pytest.raises(ChartError, match="needs one row over the whole range; the query gives 2"):
        ask("number", {"m": [1, 2]}, M)


def test_bubble_places_metrics_and_names_size_and_colour() -> None:
    data = {"city": ["a", "b", None], "m": [1, 2, 3], "n": [4, 5, None], "k": [1, 9, 9], "l": [0, 1, 1]}
    rows, figure = ask("bubble", data, CITY, M, N, metric("k", label="Flights"), metric("l", label="Share"))
    assert rows.rows == 3
    drawn = plot(figure)
    assert drawn.column("name").values == ["b", "a"]
    assert drawn.column("size").values == [9.0, 1.0]
    assert drawn.note == "Size: Flights · Colour: Share"
    assert (drawn.x.title, drawn.y.title) == ("m", "n")


@pytest.mark.parametrize(
    ("name", "columns", "said"),
    [
        ("bubble", (M,), "needs one dimension and 2 to 4 metrics; the query gives 0 and 1"),
        ("bubble", (CITY, M, N, K, L, P), "the query gives 1 and 5"),
        ("line", (CITY, M), "needs a time column"),
        ("line", (TIME, CITY, OS, M), "at most one dimension"),
        ("vertical-bar", (M,), "needs a time column and at most one dimension"),
        ("horizontal-bar", (M,), "needs one dimension and at least one metric"),
        ("horizontal-bar", (CITY,), "the query gives 1 and 0"),
        ("two-way-bar", (CITY, M, N), "needs one dimension and one metric; the query gives 1 and 2"),
        ("number", (CITY,), "needs at least one metric"),
    ],
)
def test_misfits_say_what_is_needed(name: str, columns: tuple[Column, ...], said: str) -> None:
    values = {"time": times(0), "text": ["a"], "number": [1.0]}
    data = {column.name: values[column.kind.value] for column in columns}
    with pytest.raises(ChartError) as caught:
        ask(name, data, *columns)
    assert caught.value.message.startswith(f"chart rQ4zVd81 ({name}): ")
    assert said in caught.value.message


@pytest.mark.parametrize("name", ["line", "vertical-bar", "horizontal-bar", "two-way-bar", "bubble", "table"])
def test_no_rows_and_a_cut_answer(name: str) -> None:
    columns = {"line": (TIME, M), "vertical-bar": (TIME, M), "bubble": (CITY, M, N)}.get(name, (CITY, M))
    types = {"time": pl.Datetime("ms", "UTC"), "text": pl.String, "number": pl.Float64}
    empty = {column.name: pl.Series([], dtype=types[column.kind.value]) for column in columns}
    rows, figure = ask(name, empty, *columns)
    assert rows.rows == 0
    values = {"time": times(0), "text": ["a"], "number": [1.0]}
    _, figure = ask(name, {c.name: values[c.kind.value] for c in columns}, *columns, truncated=True)
    if isinstance(figure, Plot):
        assert "The query gave more than 1 rows" in figure.note
