"""Arcs, cells and centred bars from the outside: what is written, where, and that nothing overlaps or is cut."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from pressroom import Axis, Kind, Mark, Plot, PlotColumn
from pressroom_builtin.drawing import is_empty, live, svg
from pressroom_builtin.drawing.measure import text_width
from pressroom_builtin.drawing.themes import DARK, LIGHT, between, on, series_colors

SVG = "{http://www.w3.org/2000/svg}"
LONG = ["中华人民共和国北京市朝阳区建国门外大街一号", "A very long English label that goes on and on", "内蒙古"]


def column(name: str, values: list[Any], **more: Any) -> PlotColumn:
    words = any(isinstance(value, str) for value in values)
    return PlotColumn(name=name, kind=Kind.text if words else Kind.number, values=values, **more)


def pie(names: list[str], values: list[Any], **more: Any) -> Plot:
    total = sum(value or 0 for value in values) or 1
    shares = [None if value is None else value / total for value in values]
    return Plot(
        columns=(column("n", [*names]), column("v", values), column("l", shares, format="0.0%")),
        marks=(Mark(kind="arc", angle="v", series="n", label="l"),),
        **{"legend": "right", "series_order": tuple(names), **more},
    )


def gauge(value: Any, **more: Any) -> Plot:
    return Plot(
        columns=(
            column("p", ["value", "rest"]),
            column("v", [value, 10 - value]),
            column("s", [value, None], unit="min", label="A caption of many words that has no room"),
        ),
        marks=(Mark(kind="arc", angle="v", series="p", ring=(0.66, 1)), Mark(kind="text", label="s")),
        **{
            "x": Axis(domain=(0, 10), unit="min"),
            "colors": ("good", "grid"),
            "series_order": ("value", "rest"),
            "turn": (-90, 90),
            **more,
        },
    )


def heat(across: list[Any], down: list[Any], **more: Any) -> Plot:
    places = [(a, b) for a in across for b in down]
    return Plot(
        columns=(
            column("a", [a for a, _ in places]),
            column("b", [b for _, b in places]),
            column("v", [float(number) for number in range(len(places))]),
        ),
        marks=(Mark(kind="rect", x="a", y="b", shade="v", label="v"),),
        x=Axis(kind="category"),
        y=Axis(kind="category"),
        **more,
    )


def boxes(picture: str) -> list[tuple[str, float, float, float, float]]:
    """The texts that run from left to right, with their edges."""
    found = []

    def walk(node: ET.Element, x: float, y: float) -> None:
        said = node.get("transform", "")
        moved = re.search(r"translate\(([-\d.e]+),([-\d.e]+)\)", said)
        if moved:
            x, y = x + float(moved[1]), y + float(moved[2])
        if node.tag == f"{SVG}text" and "rotate" not in said:
            words, size = "".join(node.itertext()), float(node.get("font-size", "11px")[:-2])
            wide = text_width(words, size)
            left = x - {"middle": wide / 2, "end": wide}.get(node.get("text-anchor", ""), 0.0)
            found.append((words, left, left + wide, y - size, y))
        for child in node:
            walk(child, x, y)

    walk(ET.fromstring(picture), 0.0, 0.0)
    return found


def words_of(picture: str) -> list[str]:
    return [words for words, *_ in boxes(picture)]


@pytest.mark.parametrize("size", [(250, 170), (560, 250), (1150, 250), (200, 300)])
@pytest.mark.parametrize(
    "plot",
    [
        pie(LONG, [5, 3, 1]),
        pie([f"c{n}" for n in range(30)], [30 - n for n in range(30)]),
        pie(["one"], [7]),
        gauge(3.25),
        gauge(0, turn=(-120, 120)),
        heat(LONG, LONG),
        heat(["x"], ["y"]),
        heat([f"c{n}" for n in range(50)], [f"d{n}" for n in range(50)]),
    ],
    ids=["pie-long", "pie-30", "pie-1", "gauge", "gauge-0", "heat-long", "heat-1", "heat-50"],
)
def test_no_text_is_cut_or_lies_over_another(plot: Plot, size: tuple[int, int]) -> None:
    width, height = size
    found = boxes(svg(plot, width=width, height=height))
    assert found
    for words, left, right, top, bottom in found:
        assert left >= -1, words
        assert right <= width + 1, words
        assert top >= -1, words
        assert bottom <= height + 1, words
    for one, other in combinations(found, 2):
        over = min(one[2], other[2]) - max(one[1], other[1])
        under = min(one[4], other[4]) - max(one[3], other[3])
        assert over <= 1 or under <= 2, (one[0], other[0])


def test_shares_stand_in_slices_that_have_room_and_always_in_the_legend() -> None:
    said = words_of(svg(pie(["large", "small"], [97, 3]), width=420, height=220))
    assert said.count("97.0%") == 1
    assert "3.0%" not in said
    assert {"large 97.0%", "small 3.0%"} <= {" ".join(words.split()) for words in said}


def test_long_names_leave_room_for_their_shares() -> None:
    said = words_of(svg(pie(LONG, [5, 3, 2]), width=260, height=180))
    assert [words.split()[-1] for words in said if "…" in words] == ["50.0%", "30.0%"]


@pytest.mark.parametrize("values", [[0, 0], [None, None], [1e308, 1e308], [5e-324, 0]])
def test_odd_slices(values: list[Any]) -> None:
    assert svg(pie(["a", "b"], values), width=300, height=200)


def test_a_gauge_writes_its_value_and_the_ends_of_its_scale() -> None:
    said = words_of(svg(gauge(3.25), width=400, height=240))
    assert {"3.25\xa0min", "0\xa0min", "10\xa0min"} <= set(said)
    assert any(words.startswith("A caption") for words in said)


def test_a_heat_map_writes_values_where_all_have_room() -> None:
    plot = heat(["x", "y"], ["p", "q"])
    assert {"0", "1", "2", "3"} <= set(words_of(svg(plot, width=400, height=240)))
    crowded = heat([f"c{n}" for n in range(40)], [f"d{n}" for n in range(40)])
    assert "777" not in words_of(svg(crowded, width=400, height=240))


def test_the_first_label_of_touching_cells_is_there() -> None:
    # a width at which the first cell begins at -1.4e-14
    assert "a" in words_of(svg(heat(list("abcde"), [f"c{n:02}" for n in range(50)]), width=276, height=180))


def test_bars_around_zero_have_no_axis() -> None:
    plot = Plot(
        columns=(column("s", ["in", "out"]), column("v", [10, 4]), column("l", ["10", "4 · 40%"])),
        marks=(Mark(kind="bar", x="v", y="s", stack="center", label="l"),),
        x=Axis(hidden=True),
        y=Axis(kind="category"),
    )
    assert sorted(words_of(svg(plot, width=300, height=120))) == ["10", "4 · 40%", "in", "out"]


def test_texts_are_readable_on_what_they_stand_on() -> None:
    for theme in (LIGHT, DARK):
        for share in (0, 0.25, 0.5, 0.75, 1):
            assert contrast(between(share, theme), on(between(share, theme), theme)) >= 4
        for color in theme.palette:
            assert contrast(color, on(color, theme)) >= 4


def contrast(one: str, other: str) -> float:
    def light(color: str) -> float:
        parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_of_series() -> None:
    assert series_colors(3, ("", "bad", "#123456"), LIGHT) == [LIGHT.palette[0], LIGHT.bad, "#123456"]


def test_live_specifications_tell_every_value_in_the_locale() -> None:
    spec = live(pie(["a", "b"], [3, 1]), width=300, height=200, locale="zh")
    (slices,) = [layer["data"]["values"] for layer in spec["layer"] if layer["mark"].get("type") == "arc"]
    assert [row["tip"] for row in slices] == ["a\n3\n75.0%", "b\n1\n25.0%"]
    assert is_empty(Plot(columns=(), marks=()))
    lines = Plot(
        columns=(
            PlotColumn(name="t", kind=Kind.time, values=[0, 86_400_000]),
            column("v", [1234.5, None]),
        ),
        marks=(Mark(kind="line", x="t", y="v"),),
        x=Axis(kind="time"),
        y=Axis(unit="min"),
        bucket="1d",
    )
    drawn = live(lines, width=300, height=200)
    assert [row["tip"] for row in drawn["data"]["values"]] == ["1 Jan\n1,234.5\xa0min", ""]
    assert [layer["mark"]["type"] for layer in drawn["layer"]][:2] == ["line", "point"]
    assert "tooltip" in drawn["layer"][1]["encoding"]
