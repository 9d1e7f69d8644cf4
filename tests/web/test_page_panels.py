"""Panels that no built-in chart type gives: text, and pictures of a plugin's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pressroom import Context, Edition, Figure, Panel, Section, Text, VegaLite
from pressroom.models.dashboards import Grid
from pressroom_builtin.web.page import page

NOW = datetime(2026, 1, 2, tzinfo=UTC)
BAR = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a", "type": "quantitative"}}}


def html(folder: Path, figure: Figure | None, *, title: str = "T", hidden: str = "", error: str = "") -> str:
    panel = Panel(uid="p", title=title, type="text", grid=Grid(), figure=figure, error=error)
    section = Section(
        uid="s", title="S", description="", start=NOW, end=NOW.replace(day=3), zone="UTC", choices=(), panels=(panel,)
    )
    edition = Edition(
        report="", title="", filename="x", author="", locale="en", zone="UTC", planned_at=NOW, composed_at=NOW,
        sections=(section,),
    )  # fmt: skip
    return page(edition, Context(folder), hidden=hidden).decode()


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("# Head\n\n*it* **bold**", "<h1>Head</h1>\n<p><em>it</em> <strong>bold</strong></p>"),
        ("[a](https://example.org)", '<a href="https://example.org">a</a>'),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("[a](javascript:x)", "<p>[a](javascript:x)</p>"),
        ("[a](//example.org)", "<p>[a](//example.org)</p>"),
        ("![a](https://example.org/a.png)", '<p>!<a href="https://example.org/a.png">a</a></p>'),
        ("a\x00\x1b\ud800b", "<p>a"),
    ],
)
def test_markdown_is_shown_and_cannot_harm(tmp_path: Path, markdown: str, shown: str) -> None:
    made = html(tmp_path, Text(markdown=markdown))
    assert shown in made
    assert not set("\x00\x1b\ud800") & set(made)


def test_a_plugins_own_picture_is_drawn_in_both_themes(tmp_path: Path) -> None:
    assert html(tmp_path, VegaLite(spec=BAR)).count("<svg ") == 2


@pytest.mark.parametrize(
    "spec", [{"mark": "nonsense"}, {**BAR, "data": {"url": "https://example.org/x.csv"}}, {"mark": {"href": "x"}}]
)
def test_a_picture_that_cannot_be_drawn_costs_its_panel_only(tmp_path: Path, spec: dict[str, object]) -> None:
    made = html(tmp_path, VegaLite(spec=spec))
    assert 'role="alert"' in made
    assert "the chart cannot be drawn" in made
    assert "it is hidden" in html(tmp_path, VegaLite(spec=spec), hidden="it is hidden")


def test_text_that_no_document_can_hold_is_cleaned(tmp_path: Path) -> None:
    made = html(tmp_path, None, title='a"\ud800\x00<b>', error="\x1b[31m<u>")
    assert "&lt;b&gt;" in made
    assert "&lt;u&gt;" in made
    assert not set("\x00\x1b\ud800") & set(made)
