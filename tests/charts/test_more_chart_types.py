"""Areas, stacked bars, pies, heat maps, gauges, funnels and texts: what they show, leave out, and refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pydantic
import pytest

from pressroom import (
    ChartError,
    Column,
    Context,
    Dataset,
    Figure,
    Kind,
    Plot,
    Request,
    Role,
    Setup,
    Text,
    Window,
)
from pressroom_builtin.charts import register_charts

TYPES = {chart.name: chart for chart in register_charts()}
DAYS = Window.cut(datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 1, 6, tzinfo=UTC), "UTC", "1d")
TIME = Column(name="time", role=Role.time, kind=Kind.time)
CITY = Column(name="city", role=Role.dimension, kind=Kind.text)
OS = Column(name="os", role=Role.dimension, kind=Kind.text)
MANY = [f"c{number:02}" for number in range(50)]


def metric(name: str = "m", **more: Any) -> Column:
    return Column(name=name, role=Role.metric, kind=Kind.number, **more)


def times(*days: int) -> pl.Series:
    start = datetime(2013, 1, 1, tzinfo=UTC)
    return pl.Series("time", [start + timedelta(days=day) for day in days], dtype=pl.Datetime("ms", "UTC"))


def ask(name: str, data: dict[str, Any], *columns: Column, **more: Any) -> tuple[Dataset, Figure]:
    options = TYPES[name].Options(**more.pop("options", {}))
    setup = Setup(instance=name, workspace=Path("/nowhere"), scratch=Path("/nowhere"))
    chart = TYPES[name](TYPES[name].Config(), setup)
    request = Request(**{"uid": "rQ4zVd81", "title": "", "window": DAYS, **more})
    schema = {column.name: pl.Float64 for column in columns if column.kind == "number"}
    dataset = Dataset.of(pl.DataFrame(data, schema_overrides=schema, strict=False), columns)
    rows = chart.rows(dataset, options, request)
    return rows, chart.figure(rows, options, request, Context(Path("/nowhere")))


def plot(name: str, data: dict[str, Any], *columns: Column, **more: Any) -> Plot:
    figure = ask(name, data, *columns, **more)[1]
    assert isinstance(figure, Plot)
    return figure


def by_series(figure: Plot) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for name, value in zip(figure.column("series").values, figure.column("value").values, strict=True):
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("name", ["area", "stacked-bar"])
def test_the_rest_of_many_series_is_added_up_as_one(name: str) -> None:
    data = {"time": times(*[0] * 50), "city": MANY, "m": list(range(50))}
    figure = plot(name, data, TIME, CITY, metric(), options={"max_series": 3}, locale="zh")
    assert figure.series_order == ("c47", "c48", "c49", "其他")
    assert by_series(figure)["其他"][0] == sum(range(47))
    assert figure.colors[-1] == "muted"
    assert "系列" not in figure.note


def test_a_city_called_other_stays_apart_from_the_rest() -> None:
    data = {"time": times(0, 0, 0), "city": ["Other", "a", "b"], "m": [9, 1, 1]}
    figure = plot("stacked-bar", data, TIME, CITY, metric(), options={"max_series": 1})
    assert figure.series_order == ("Other", "Other…")


def test_areas_do_not_fall_where_one_series_is_silent() -> None:
    data = {"time": times(0, 1, 0), "city": ["a", "a", "b"], "m": [1, 2, 3]}
    figure = plot("area", data, TIME, CITY, metric())
    assert by_series(figure) == {"a": [1, 2, None, None, None], "b": [3, 0, None, None, None]}
    assert figure.marks[0].stack == "zero"


def test_areas_without_a_neighbour_are_dots_at_the_top_of_their_stack() -> None:
    data = {"time": times(0, 0), "city": ["a", "b"], "m": [1, 3]}
    figure = plot("area", data, TIME, CITY, metric())
    assert [mark.kind for mark in figure.marks] == ["area", "point"]
    assert [value for value in figure.column("alone").values if value is not None] == [1, 4]
    share = plot("area", data, TIME, CITY, metric(), options={"share": True})
    assert [value for value in share.column("alone").values if value is not None] == [0.25, 1]


def test_metrics_of_different_units_are_not_stacked() -> None:
    data = {"time": times(0, 1), "m": [1, 2], "n": [3, 4]}
    assert plot("area", data, TIME, metric(unit="min"), metric("n")).marks[0].stack == "none"
    with pytest.raises(ChartError, match="metrics of the same unit"):
        ask("stacked-bar", data, TIME, metric(unit="min"), metric("n"))


def test_stacked_bars_lie_down_and_tell_their_sums() -> None:
    data = {"city": ["x", "x", "y", "y"], "os": ["a", "b", "a", "b"], "m": [1, 2, 3, -4]}
    options = {"direction": "horizontal", "totals": True}
    figure = plot("stacked-bar", data, CITY, OS, metric(unit="min"), options=options)
    assert (figure.marks[0].x, figure.marks[0].y, figure.y.kind) == ("value", "place", "category")
    # of what is partly negative there is no sum to read off
    assert figure.column("total").values == [3, None, None, None]


def test_pie_ranks_groups_and_leaves_nothing_out() -> None:
    rows, figure = ask("pie", {"city": MANY, "m": list(range(50))}, CITY, metric(), options={"top": 4})
    assert isinstance(figure, Plot)
    assert rows.rows == 50
    assert figure.column("part").values == ["c49", "c48", "c47", "c46", "Other"]
    assert sum(float(str(value)) for value in figure.column("value").values) == sum(range(50))
    assert sum(float(str(value)) for value in figure.column("label").values) == pytest.approx(1)
    # one more than `top` is shown by its name
    five = plot("pie", {"city": MANY[:5], "m": [1] * 5}, CITY, metric(), options={"top": 4})
    assert "Other" not in five.column("part").values


def test_pie_of_metrics_in_one_row_and_of_nothing() -> None:
    figure = plot("pie", {"m": [3], "n": [1]}, metric(label="Here"), metric("n", label="There"))
    assert figure.column("part").values == ["Here", "There"]
    assert plot("pie", {"city": ["a", "b"], "m": [0, None]}, CITY, metric()).column("value").values == []


def test_pie_of_huge_numbers_has_shares() -> None:
    figure = plot("pie", {"city": ["a", "b", "c"], "m": [1.7e308] * 3}, CITY, metric(), options={"top": 1})
    # their sum is no number any more: what is added up is as large as can be
    assert figure.column("label").values == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("name", ["pie", "funnel"])
def test_a_part_cannot_be_negative(name: str) -> None:
    with pytest.raises(ChartError, match="'b' is -2, and a part cannot be negative") as caught:
        ask(name, {"city": ["a", "b"], "m": [1, -2]}, CITY, metric())
    assert "bar chart" in caught.value.message
    with pytest.raises(ChartError, match="gives 2 rows of 2 metrics"):
        ask(name, {"m": [1, 2], "n": [1, 2]}, metric(), metric("n"))


def test_funnel_keeps_the_order_and_tells_shares() -> None:
    data = {"city": ["seen", "tried", "tried", "paid"], "m": [200, 100, None, 10]}
    figure = plot("funnel", data, CITY, metric())
    assert figure.column("step").values == ["seen", "tried", "tried (2)", "paid"]
    assert figure.column("label").values == ["200", "100 · 50.0%", "–", "10 · 5.0%"]
    before = plot("funnel", data, CITY, metric(), options={"share": "previous"})
    assert before.column("label").values == ["200", "100 · 50.0%", "–", "10"]
    many = plot("funnel", {"city": MANY, "m": [1] * 50}, CITY, metric())
    assert "50" in many.note


def test_heatmap_has_every_bucket_and_says_what_it_leaves_out() -> None:
    data = {"time": times(*[0] * 50), "city": MANY, "m": list(range(50))}
    figure = plot("heatmap", data, TIME, CITY, metric(label="Delay"), options={"top": 2})
    assert sorted(set(figure.column("down").values), key=str) == ["c48", "c49"]
    assert figure.column("value").values.count(None) == 8
    assert "Delay" in figure.note
    assert "50" in figure.note
    assert figure.x.kind == "time"


def test_heatmap_of_more_cells_than_can_be_told_apart() -> None:
    places = [str(number) for number in range(500)]
    data = {"city": [a for a in places for _ in range(50)], "os": MANY * 500, "m": [1] * 25_000}
    with pytest.raises(ChartError, match="500 by 50 cells cannot be told apart"):
        ask("heatmap", data, CITY, OS, metric())


@pytest.mark.parametrize(
    ("value", "filled", "color"), [(5, 5, "good"), (25, 20, "bad"), (-5, 0, ""), (None, 0, ""), (10, 10, "bad")]
)
def test_gauge_fills_up_to_the_value_in_the_colour_of_its_stretch(value: Any, filled: float, color: str) -> None:
    stretches = [{"start": 0, "color": "good"}, {"start": 10, "color": "bad"}]
    figure = plot("gauge", {"m": [value]}, metric(), options={"high": 20, "stretches": stretches})
    assert figure.column("value").values[:2] == [filled, 20 - filled]
    assert figure.colors[0] == color
    assert figure.column("shown").values[0] == ("–" if value is None else value)
    assert figure.column("stretch").values[2:] == [0, 10, 10]


def test_gauge_finds_the_end_of_its_scale() -> None:
    assert plot("gauge", {"m": [3], "n": [12]}, metric(), metric("n")).x.domain == (0, 12)
    assert plot("gauge", {"m": [0.3]}, metric(format="0%")).x.domain == (0, 1)
    assert plot("gauge", {"m": pl.Series([], dtype=pl.Float64)}, metric(format="0%")).x.domain == (0, 1)
    with pytest.raises(ChartError, match="the scale has no end"):
        ask("gauge", {"m": [3]}, metric())
    with pytest.raises(ChartError, match="ends at 5 and begins at 7"):
        ask("gauge", {"m": [3]}, metric(), options={"low": 7, "high": 5})
    with pytest.raises(ChartError, match="the query gives 2"):
        ask("gauge", {"m": [3, 4]}, metric(), options={"high": 5})


def test_gauge_stretches_are_in_order() -> None:
    with pytest.raises(pydantic.ValidationError, match="in the order of their starts"):
        TYPES["gauge"].Options(stretches=[{"start": 2, "color": "good"}, {"start": 2, "color": "bad"}])


def text(markdown: str, **more: Any) -> str:
    figure = ask("text", more.pop("data", {}), *more.pop("columns", ()), options={"markdown": markdown}, **more)[1]
    assert isinstance(figure, Text)
    return figure.markdown


def test_text_needs_no_query() -> None:
    assert TYPES["text"].asks == "maybe"
    assert text("# Title\n\n- one") == "# Title\n\n- one"


def test_text_names_the_range_the_variables_and_the_first_row() -> None:
    said = text(
        "{{ range.text }}: {{ variables.city }}, {{ row.m }}{% if value.m > 5 %}!{% endif %}",
        data={"m": [1234.5, 1]},
        columns=(metric(unit="min"),),
        variables={"city": ("Oslo", "Łódź")},
        locale="zh",
    )
    assert said == "2013年1月1日 – 2013年1月5日: Oslo, Łódź, 1\\,234\\.5\xa0min!"


def test_what_is_filled_in_stays_text() -> None:
    said = text(
        "{{ variables.a }} {{ row.city }} {{ value.city }}",
        data={"city": ["[x](http://e.org)\n# h"]},
        columns=(CITY,),
        variables={"a": ("<img src=x onerror=y>\n\n**b**",)},
    )
    from pressroom_builtin.renderers.prose import blocks

    (block,) = blocks(said)
    assert block.kind == "paragraph"
    assert "".join(span.text for span in block.spans) == (
        "<img src=x onerror=y> **b** [x](http://e.org) # h [x](http://e.org) # h"
    )
    assert not any(span.link or span.bold for span in block.spans)


def test_text_refuses_what_it_cannot_fill_in() -> None:
    with pytest.raises(pydantic.ValidationError, match="no name 'nope'"):
        TYPES["text"].Options(markdown="{{ nope }}")
    with pytest.raises(pydantic.ValidationError, match="loop"):
        TYPES["text"].Options(markdown="{% for a in row %}{% endfor %}")
    with pytest.raises(ChartError, match=r"chart rQ4zVd81 \(text\): .*there is no 'q'"):
        text("{{ row.q }}")
