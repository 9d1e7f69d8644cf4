"""Markdown, read back by a reader of GitHub's flavour."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings, strategies as st
from markdown_it import MarkdownIt

from pressroom import Axis, Column, Kind, Mark, Number, Plot, PlotColumn, Role, Text

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufffe\uffff"))


def text_of(desk, *panels, **options) -> str:
    edition = options.pop("edition", None) or desk.edition(desk.section(*panels))
    (document,) = desk.render("markdown", edition, **options)
    assert document.media_type == "text/markdown; charset=utf-8"
    return str(desk.bytes(document), "utf-8")


def cells(markdown: str) -> list[list[str]]:
    rows: list[list[str]] = []
    tokens = READER.parse(markdown)
    for place, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("td_open", "th_open"):
            parts = tokens[place + 1].children or []
            assert all(part.type == "text" for part in parts), [part.type for part in parts]
            rows[-1].append("".join(part.content for part in parts))
    return rows


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_every_text_comes_back_as_text(desk_type, rows):
    with tempfile.TemporaryDirectory() as folder:
        desk = desk_type(Path(folder))
        frame = pl.DataFrame(rows, schema={"one": pl.String, "other": pl.String}, orient="row")
        _, *found = cells(text_of(desk, desk.table(frame)))
    assert found == [[" ".join(text.split()) for text in row] for row in rows]


def test_hostile_texts_are_no_markup(desk):
    evil = ["<script>x</script>", "[a](javascript:b)", "![a](http://e.org/x.png)", "**b** `c` ~~d~~", "| x |", "&lt;"]
    said = text_of(desk, desk.table(pl.DataFrame({"t": evil}), "# <img src=x>\n# two"))
    assert [row[0] for row in cells(said)[1:]] == evil
    html = READER.render(said)
    assert "<script" not in html
    assert "<img" not in html
    assert "<a " not in html


def test_tables_are_padded_and_numbers_stand_right(desk):
    frame = pl.DataFrame({"city": ["Oslo", "城市"], "n": [1234, 5]})
    lines = text_of(desk, desk.table(frame)).splitlines()
    assert "| city |     n |" in lines
    assert "| ---- | ----: |" in lines
    assert "| Oslo | 1,234 |" in lines
    assert "| 城市 |     5 |" in lines


def test_long_tables_say_what_is_missing(desk):
    said = text_of(desk, desk.table(pl.DataFrame({"n": list(range(9))})), rows=4)
    assert len(cells(said)) == 5
    assert "first 4 of 9 rows" in said


def lines_plot(**more: Any) -> Plot:
    day = 86_400_000
    return Plot(
        columns=(
            PlotColumn(name="t", kind=Kind.time, values=[0, day, 0, day]),
            PlotColumn(name="s", kind=Kind.text, values=["a", "a", "b", "b"]),
            PlotColumn(name="v", kind=Kind.number, values=[1.0, 2.0, None, 4.0]),
        ),
        marks=(Mark(kind="line", x="t", y="v", series="s"),),
        x=Axis(kind="time"),
        y=Axis(unit="min"),
        series_order=("a", "b"),
        bucket="1d",
        **more,
    )


def test_series_are_columns(desk):
    said = text_of(desk, desk.panel(lines_plot(note="A note.")))
    assert cells(said) == [
        ["", "a", "b"],
        ["1 Jan", "1 min", "–"],
        ["2 Jan", "2 min", "4 min"],
    ]
    assert "A note" in said
    assert cells(text_of(desk, desk.panel(lines_plot()), charts=False)) == []


@pytest.mark.parametrize("bucket", ["1h", ""])
def test_hours_of_several_days_say_which_day(desk, bucket):
    said = text_of(desk, desk.panel(msgspec.structs.replace(lines_plot(), bucket=bucket)))
    assert [row[0] for row in cells(said)[1:]] == ["1 Jan 1970, 00:00", "2 Jan 1970, 00:00"]


def test_other_charts_are_their_rows(desk, bars):
    panel = desk.table(pl.DataFrame({"city": ["a"], "n": [1]}), "Chart")
    assert cells(text_of(desk, msgspec.structs.replace(panel, figure=bars()))) == [["city", "n"], ["a", "1"]]


def test_numbers_texts_errors_and_nothing(desk):
    number = Number(items=(Number.Item(value=110, label="Visits", unit="min", previous=100),))
    words = Text(markdown="# Big\n\n- one\n  1. <b>two</b>\n\n> so **it** [goes](https://e.org)\n\n```\n``\n```\n\n---")
    said = text_of(
        desk,
        desk.panel(number, "A", (0, 0, 8, 4)),
        desk.panel(words, "B", (0, 4, 8, 4)),
        desk.panel(None, "C", (0, 8, 8, 4), error="it *failed*"),
        desk.panel(Text(markdown=" "), "D", (0, 12, 8, 4)),
    )
    assert "- Visits: **110 min** (▲ 10.0%)" in said
    html = READER.render(said)
    assert "<h4>Big</h4>" in html
    assert "&lt;b&gt;two&lt;/b&gt;" in html
    assert '<a href="https://e.org">goes</a>' in html
    assert "it *failed*</p>" in html
    assert "<em>No data</em>" in html
    assert [line for line in said.splitlines() if line.startswith("### ")] == ["### A", "### B", "### C", "### D"]


def test_titles_ranges_and_variables(desk):
    edition = desk.edition(desk.section(title="One"), desk.section(title="Two", uid="x"), warnings=("careful",))
    said = text_of(desk, edition=edition)
    assert said.startswith(
        "# Weekly flights\n\n> careful\n\n## One\n\n1 Jan 2013 – 31 Jan 2013 (UTC) · Carrier: AA, UA"
    )
    assert "## Two" in said


def test_columns_have_their_labels(desk):
    column = Column(name="n", role=Role.metric, kind=Kind.number, label="Flights|all", format="0.0%")
    assert cells(text_of(desk, desk.table(pl.DataFrame({"n": [0.5]}), columns=(column,)))) == [
        ["Flights|all"],
        ["50.0%"],
    ]
