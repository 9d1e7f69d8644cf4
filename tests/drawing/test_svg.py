"""Pictures from the outside: well-formed SVG with the labels in it, whatever the data."""

from __future__ import annotations

import math
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings, strategies as st

from pressroom import Axis, Kind, Mark, Number, Plot, PlotColumn, RenderError, Table, Text, VegaLite
from pressroom_builtin.drawing import is_empty, svg
from pressroom_builtin.drawing.measure import text_width

HOUR = 3_600_000
START = 1_383_364_800_000  # 2 November 2013, 00:00 in New York; the clocks go back a day later


def column(name: str, values: list[Any], **more: Any) -> PlotColumn:
    texts = any(isinstance(value, str) for value in values)
    return PlotColumn(name=name, kind=Kind.text if texts else Kind.number, values=values, **more)


def lines(count: int = 48, names: tuple[str, ...] = ("alpha", "元素_注册"), **more: Any) -> Plot:
    times = [START + hour * HOUR for hour in range(count)] * len(names)
    return Plot(
        columns=(
            PlotColumn(name="t", kind=Kind.time, values=times),
            column("s", [name for name in names for _ in range(count)]),
            column("v", [math.sin(index) * 1000 for index in range(count * len(names))]),
        ),
        **{
            "marks": (Mark(kind="line", x="t", y="v", series="s"),),
            "x": Axis(kind="time"),
            "zone": "America/New_York",
            "bucket": "1h",
            "legend": "bottom",
            **more,
        },
    )


def bars(names: list[Any], values: list[Any], **more: Any) -> Plot:
    return Plot(
        columns=(column("c", names), column("v", values, unit="min", format="0.0")),
        marks=(Mark(kind="bar", x="v", y="c", label="v"),),
        y=Axis(kind="category"),
        **more,
    )


def texts(picture: str) -> list[str]:
    root = ET.fromstring(picture)
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


def draw(figure: Plot | VegaLite, **more: Any) -> list[str]:
    return texts(svg(figure, **{"width": 420, "height": 240, **more}))


def test_size_font_and_labels() -> None:
    picture = svg(lines(), width=421, height=243, theme="dark", locale="zh")
    root = ET.fromstring(picture)
    assert (float(root.get("width", 0)), float(root.get("height", 0))) == (421, 243)
    assert 'font-family="Noto Sans SC"' in picture
    assert {"alpha", "元素_注册", "11月3日", "1,000"} <= set(texts(picture))


def test_time_labels_are_in_the_zone_and_its_locale() -> None:
    assert {"3 Nov", "12:00"} <= set(draw(lines()))
    assert "00:00" not in draw(lines())
    in_shanghai = draw(lines(zone="Asia/Shanghai"))
    assert "3 Nov" in in_shanghai


def test_a_repeated_hour_takes_its_own_place() -> None:
    """The line has one point an hour, all equally far apart."""
    picture = svg(lines(names=("a",)), width=600, height=200)
    path = max(re.findall(r' d="(M[^"]+)"', picture), key=len)
    places = [float(pair.split(",")[0]) for pair in re.split("[ML]", path) if pair]
    steps = {round(b - a) for a, b in pairwise(places)}
    assert len(places) == 48
    assert max(steps) - min(steps) <= 1


def test_gaps_break_the_line() -> None:
    plot = Plot(
        columns=(column("t", [0, 1, 2, 3, 4]), column("v", [1.0, 2.0, None, 2.0, 1.0])),
        marks=(Mark(kind="line", x="t", y="v"),),
    )
    path = max(re.findall(r' d="(M[^"]+)"', svg(plot, width=300, height=200)), key=lambda d: d.count("L"))
    assert path.count("M") == 2


def test_values_and_units_stand_at_bars() -> None:
    written = draw(bars(["Delta", "United"], [12.34, -5.0]))
    assert {"Delta", "United", "12.3\u00a0min", "-5.0\u00a0min"} <= set(written)


def test_long_labels_are_cut_and_nothing_leaves_the_picture() -> None:
    long = "A very long name " * 12
    written = draw(bars([long, "名" * 80], [1_234_567.0, 2.0]))
    assert any(text.startswith("A very long") and text.endswith("…") for text in written)
    assert any(text.startswith("名") and text.endswith("…") for text in written)


def test_colours_have_a_scale_even_below_zero() -> None:
    plot = Plot(
        columns=(column("x", [1.0, 2.0]), column("y", [1.0, 2.0]), column("k", [-1e300, 1e300], unit="$")),
        marks=(Mark(kind="point", x="x", y="y", shade="k"),),
    )
    assert any(text.startswith("-$") for text in draw(plot))


@pytest.mark.parametrize("stack", ["none", "zero", "share"])
@pytest.mark.parametrize("kind", ["bar", "area"])
def test_stacks(kind: Any, stack: Any) -> None:
    plot = lines(12, marks=(Mark(kind=kind, x="t", y="v", series="s", stack=stack),))
    written = draw(plot)
    assert ("100%" in written) == (stack == "share")
    assert "alpha" in written


def test_every_kind_of_mark_draws() -> None:
    columns = (
        column("x", [1.0, 2.0, 3.0]),
        column("y", [3.0, None, -1.0]),
        column("s", [10.0, 0.0, 5.0]),
        column("c", ["a", "b", "c"], label="Colour"),
        column("k", [0.1, 0.2, 0.9], format="0%"),
    )
    for mark in (
        Mark(kind="point", x="x", y="y", size="s", shade="k", label="c"),
        Mark(kind="rule", y="y"),
        Mark(kind="text", x="x", y="y", label="c"),
        Mark(kind="arc", angle="s", series="c"),
        Mark(kind="area", x="x", y="y"),
        Mark(kind="line", x="x", y="y", color="#ff0000"),
    ):
        draw(Plot(columns=columns, marks=(mark,), legend="bottom"))
    heat = Plot(
        columns=(column("a", ["p", "q"]), column("b", ["r", "s"]), column("v", [1.0, 2.0])),
        marks=(Mark(kind="rect", x="a", y="b", shade="v"),),
        x=Axis(kind="category"),
        y=Axis(kind="category"),
    )
    assert {"p", "q", "r", "s"} <= set(draw(heat))


@pytest.mark.parametrize(
    "values",
    [[], [None], [5.0], [7.0, 7.0, 7.0], [None, 1.0], [-3.0, -2.0], [1e308, -1e308], [5e-324], [1e-308, 2e-308]],
)
def test_odd_values(values: list[float | None]) -> None:
    times = [START + index * HOUR for index in range(len(values))]
    for kind in ("line", "bar"):
        plot = Plot(
            columns=(PlotColumn(name="t", kind=Kind.time, values=list(times)), column("v", list(values))),
            marks=(Mark(kind=kind, x="t", y="v"),),  # type: ignore[arg-type]
            x=Axis(kind="time"),
            bucket="1h",
        )
        assert "NaN" not in svg(plot, width=300, height=200)


@given(st.lists(st.one_of(st.none(), st.floats(), st.integers()), min_size=1, max_size=6), st.text(max_size=30))
@settings(max_examples=40, deadline=None)
def test_hostile_values_and_texts(values: list[Any], text: str) -> None:
    plot = bars([f"{text}{index}" for index in range(len(values))], values, x=Axis(title=text, unit=text))
    picture = svg(plot, width=300, height=200)
    ET.fromstring(picture)
    assert "NaN" not in re.sub(">[^<]*<", "><", picture)


def test_markup_and_expressions_in_labels_are_text() -> None:
    names = ["<script>alert(1)</script>", '"]+datum.constructor+["', "a\x00b\ud800\u202ec\u2028d", "&amp;"]
    written = draw(bars(names, [1.0, 2.0, 3.0, 4.0]), width=900)
    assert {names[0], names[1], names[3]} <= set(written)
    assert "abc d" in written


@pytest.mark.parametrize("size", [(1, 1), (40, 30), (90, 60), (2000, 90)])
def test_small_and_odd_sizes(size: tuple[float, float]) -> None:
    for plot in (lines(), bars(["a", "b"], [1.0, 2.0])):
        ET.fromstring(svg(plot, width=size[0], height=size[1]))


def test_many_series_and_categories_stay_readable() -> None:
    written = draw(lines(3, tuple(f"Series number {index} of many" for index in range(60))))
    assert any(re.fullmatch(r"\+\d+", text) for text in written)
    assert len(draw(bars([f"c{index}" for index in range(500)], [1.0] * 500))) < 120


def test_same_plot_same_picture() -> None:
    assert svg(lines(), width=300, height=200) == svg(lines(), width=300, height=200)


def test_wrong_names_are_told() -> None:
    with pytest.raises(RenderError, match="no column 'nope'"):
        draw(lines(marks=(Mark(kind="line", x="nope", y="v"),)))
    with pytest.raises(ValueError, match="write light or dark"):
        draw(lines(), theme="pink")


GUEST: dict[str, Any] = {
    "data": {"values": [{"a": "A\x00", "b": 28}, {"a": "乙", "b": 55}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
}


def test_vega_lite_is_dressed_in_our_theme() -> None:
    picture = svg(VegaLite(spec=GUEST), width=320, height=200)
    assert {"A", "乙"} <= set(texts(picture))
    assert 'width="320"' in picture
    assert 'font-family="Noto Sans SC"' in picture


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"url": "http://127.0.0.1:9/secret.json"}},
        {"data": {"url": "file:///etc/passwd", "format": {"type": "csv"}}},
        {"mark": {"type": "image", "url": "file:///etc/passwd"}},
        {"mark": {"type": "image", "url": "http://127.0.0.1:9/x.png"}},
        {"mark": {"type": "image", "url": "data:image/png;base64,iVBORw0KGgo="}},
        {"encoding": {**GUEST["encoding"], "href": {"value": "javascript:alert(1)"}}},
        {"mark": "no such mark"},
        {"encoding": {"x": {"field": "a", "type": "nominal", "axis": {"labelExpr": "((("}}}},
        {"data": {"sequence": {"start": 0, "stop": 3e7}}},
    ],
    ids=["http", "file", "image-file", "image-http", "image-data", "link", "mark", "expression", "bomb"],
)
def test_vega_lite_that_reaches_out_or_is_wrong_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RenderError, match=r"cannot be drawn: ."):
        draw(VegaLite(spec={**GUEST, **change}))
    # what failed leaves nothing behind
    for _ in range(4):
        assert draw(VegaLite(spec=GUEST))
        assert draw(lines(3))


def test_a_deep_specification_is_refused() -> None:
    nested: dict[str, Any] = {}
    for _ in range(20_000):
        nested = {"a": nested}
    with pytest.raises(RenderError, match="nested too deeply"):
        draw(VegaLite(spec={**GUEST, "usermeta": nested}))


def test_threads_draw_beside_failing_guests() -> None:
    wrong = VegaLite(spec={**GUEST, "mark": "no such mark"})

    def work(index: int) -> bool:
        if index % 5 == 0:
            with pytest.raises(RenderError):
                draw(wrong)
            return True
        return "alpha" in draw(lines(20))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(24)))


def test_data_columns_may_be_called_url() -> None:
    spec = {**GUEST, "data": {"values": [{"a": "A", "b": 1, "url": "x", "href": "y"}]}}
    assert "A" in draw(VegaLite(spec=spec))


def test_is_empty() -> None:
    assert is_empty(lines(0))
    assert is_empty(bars(["a"], [None]))
    assert not is_empty(bars(["a", "b"], [None, 0.0]))
    assert is_empty(Number(items=()))
    assert is_empty(Text(markdown=" \n"))
    assert not is_empty(Table())
    assert not is_empty(VegaLite(spec=GUEST))


@pytest.mark.parametrize("width", [150, 200, 260, 420])
def test_values_at_bars_on_both_sides_keep_off_names_and_ticks_off_each_other(width: int) -> None:
    names = ["Salt Lake City", "Houston (Hobby)", "San Juan"]
    picture = svg(bars(names, [-16.6, 30.2, 0.6]), width=width, height=300)
    root = ET.fromstring(picture)
    written = [node for node in placed(root) if node[2].strip()]
    for one, other in combinations(written, 2):
        assert not overlap(one, other), (one, other)


Placed = tuple[float, float, str, str]


def placed(root: ET.Element) -> list[Placed]:
    """Where each text stands: x, y, the text, and how it is aligned."""
    found: list[Placed] = []

    def walk(node: ET.Element, x: float, y: float) -> None:
        for a, b in re.findall(r"translate\(([-\d.]+)[, ]+([-\d.]+)\)", node.get("transform", "")):
            x, y = x + float(a), y + float(b)
        if node.tag.endswith("}text"):
            found.append((x, y, "".join(node.itertext()), node.get("text-anchor", "start")))
        for child in node:
            walk(child, x, y)

    walk(root, 0.0, 0.0)
    return found


def overlap(one: Placed, other: Placed) -> bool:
    def span(item: Placed) -> tuple[float, float]:
        wide = text_width(item[2], 11)
        left = item[0] - {"start": 0.0, "middle": wide / 2, "end": wide}[item[3]]
        return left, left + wide

    (a, b), (c, d) = span(one), span(other)
    return abs(one[1] - other[1]) < 8 and min(b, d) - max(a, c) > 1
