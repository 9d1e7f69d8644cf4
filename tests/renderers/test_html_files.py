"""Pages in one file: what runs in them, what they reach for, and that every chart in them can be drawn."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import msgspec
import polars as pl
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from pressroom import Branding, Number, Text, VegaLite
from pressroom.locales import Locale
from pressroom.testing.hostile import TEXTS
from pressroom_builtin.drawing import engine
from pressroom_builtin.renderers.html_fonts import faces

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """What a browser finds in a page."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.words: list[str] = []
        self._script: dict[str, str | None] | None = None
        self.source = content.decode()
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self._script = dict(attrs)
            self.scripts.append((self._script, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        else:
            self.words.append(data)

    def attributes(self, name: str) -> list[str]:
        return [str(attributes[name]) for _, attributes in self.tags if name in attributes]

    @property
    def policy(self) -> str:
        return next(str(it["content"]) for tag, it in self.tags if it.get("http-equiv") == "Content-Security-Policy")

    @property
    def data(self) -> Any:
        return next(json.loads(text) for attributes, text in self.scripts if attributes.get("id") == "report-data")


def page(desk, *panels, edition=None, **options) -> Page:
    options = {"fonts": False, **options}
    (document,) = desk.render("html", edition or desk.edition(desk.section(*panels)), **options)
    assert document.media_type == "text/html; charset=utf-8"
    return Page(desk.bytes(document))


def specs(data: Any) -> list[dict[str, Any]]:
    """Every specification of a page with its rows, as the page's script puts them together."""
    found = []
    for themes in data["charts"].values():
        for sizes in themes.values():
            for spec in sizes.values():
                rows = spec.get("usermeta", {}).get("rows")
                named = {} if rows is None else {f"rows{rows}": data["rows"][rows]}
                found.append({**spec, "datasets": {**spec.get("datasets", {}), **named}})
    return found


def test_exactly_our_scripts_may_run_and_nothing_is_loaded(desk, bars):
    found = page(desk, desk.panel(bars()))
    data, *running = found.scripts
    assert data[0]["type"] == "application/json"
    assert len(running) == 2
    for attributes, text in running:
        assert attributes == {}
        assert f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in found.policy
    assert found.policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in found.policy
    assert "unsafe-inline" not in found.policy.split("style-src")[0]
    assert found.attributes("src") == []
    assert [it for tag, it in found.tags if tag in {"link", "iframe", "object", "embed", "base", "form"}] == []
    assert not [name for _, it in found.tags for name in it if name.startswith("on")]
    outside = re.sub(r"<script.*?</script>", "", found.source, flags=re.DOTALL)
    assert "url(http" not in outside
    assert "@import" not in outside


def test_every_specification_of_the_page_can_be_drawn(desk, bars):
    spec = {"mark": "bar", "data": {"values": [{"a": 1}, {"a": 2}]}, "encoding": {"x": {"field": "a"}}}
    found = page(desk, desk.panel(bars()), desk.panel(VegaLite(spec=spec), uid="v", grid=(0, 8, 24, 8)))
    drawn = specs(found.data)
    # two themes each, and the wide plot of ours for phones as well
    assert len(drawn) == 6
    for each in drawn:
        assert "AA" in engine.draw(each, Locale.of("en")) or each["mark"] == "bar"
    assert len(found.data["rows"]) == 2


def test_numbers_that_json_lacks_do_not_break_the_page(desk):
    data = [{"a": float("nan")}, {"a": float("inf")}, {"a": 1.0}]
    spec = {"mark": "point", "data": {"values": data}, "encoding": {"x": {"field": "a", "type": "quantitative"}}}
    found = page(desk, desk.panel(VegaLite(spec=spec)))
    assert found.data["rows"] == [[{"a": None}, {"a": None}, {"a": 1.0}]]


def test_a_wide_chart_has_a_narrow_form(desk, bars):
    data = page(desk, desk.panel(bars(), grid=(0, 0, 24, 8))).data
    assert set(data["charts"]["0"]["dark"]) == {"wide", "narrow"}
    assert set(page(desk, desk.panel(bars(), grid=(0, 0, 6, 8))).data["charts"]["0"]["dark"]) == {"wide"}


def test_charts_tell_their_values_in_the_locale(desk, bars):
    plot = msgspec.structs.replace(bars(values=(1234.5, 5, 2)), y=msgspec.structs.replace(bars().y, unit="min"))
    edition = desk.edition(desk.section(desk.panel(plot)), locale="de")
    (rows,) = page(desk, edition=edition).data["rows"]
    assert rows[0]["tip"] == "AA\n1.234,5\xa0min"


@pytest.mark.parametrize("evil", [EVIL, *TEXTS[4:8], "'\"<!--<script>", "\u2028\u2029"])
def test_hostile_texts_are_texts(desk, bars, evil):
    table = desk.table(pl.DataFrame({"t": [evil]}), evil, (0, 8, 12, 8))
    column = msgspec.structs.replace(table.rows.columns[0], label=evil)
    table = msgspec.structs.replace(table, rows=msgspec.structs.replace(table.rows, columns=(column,)))
    found = page(
        desk,
        edition=desk.edition(
            desk.section(
                desk.panel(bars(names=(evil, "b", "c"), note=evil), evil),
                table,
                desk.panel(Number(items=(Number.Item(value=evil, label=evil),)), evil, (0, 16, 8, 4)),
                desk.panel(Text(markdown=evil), evil, (0, 20, 8, 4)),
                desk.panel(None, evil, (0, 24, 8, 4), error=evil),
                title=evil,
                description=evil,
                url="javascript:alert(1)",
            ),
            title=evil,
            author=evil,
            warnings=(evil,),
            branding=Branding(footer_text=evil, footer_url="javascript:alert(1)"),
        ),
    )
    assert len(found.scripts) == 3
    assert not [tag for tag, _ in found.tags if tag in {"img", "script"}][3:]
    assert not [name for _, it in found.tags for name in it if name.startswith("on")]
    assert not [address for address in found.attributes("href") if not address.startswith(("#", "http"))]
    assert found.data["charts"]


def test_tables_are_sorted_by_what_is_behind_their_texts(desk):
    found = page(desk, desk.table(pl.DataFrame({"city": ["b", None], "n": [1234.5, None]})))
    assert found.attributes("data-key") == ["1234.5"]
    assert [it.get("class") for tag, it in found.tags if tag == "table"] == ["sortable"]
    assert [it.get("type") for tag, it in found.tags if tag == "button"] == ["button"] * 3


def test_a_page_without_scripts(desk, bars):
    found = page(desk, desk.panel(bars()), desk.table(pl.DataFrame({"n": [1]}), grid=(0, 8, 12, 8)), live=False)
    assert found.scripts == []
    assert "script-src 'none'" in found.policy
    assert [tag for tag, _ in found.tags].count("svg") == 1
    assert len(found.source) < 200_000


@pytest.mark.parametrize(
    ("theme", "options", "begins", "pictures"),
    [("light", {}, "light", 1), ("dark", {}, "dark", 2), ("light", {"theme": "reader"}, None, 2)],
)
def test_themes(desk, bars, theme, options, begins, pictures):
    edition = desk.edition(desk.section(desk.panel(bars())), branding=Branding(theme=theme))
    found = page(desk, edition=edition, live=False, **options)
    assert next(it.get("data-theme") for tag, it in found.tags if tag == "html") == begins
    assert [tag for tag, _ in found.tags].count("svg") == pictures


def test_a_logo_is_in_the_page(desk):
    out = BytesIO()
    Image.new("RGB", (40, 20), "#123456").save(out, "PNG")
    (desk.folder / "logo.png").write_bytes(out.getvalue())
    edition = desk.edition(desk.section(), branding=Branding(report_logo="logo.png"))
    (source,) = page(desk, edition=edition, live=False).attributes("src")
    assert source.startswith("data:image/png;base64,")
    (desk.folder / "logo.png").write_bytes(b"no picture")
    (document,) = desk.render("html", edition, live=False, fonts=False)
    assert "logo" in document.warnings[0]


def test_the_letters_of_the_page_come_with_it(desk, bars):
    panel = desk.panel(bars(names=("城市", "Łódź", "c")), "Ω")
    found = page(desk, panel, live=False, fonts=True)
    fonts = re.findall(r"data:font/woff;base64,([^)]+)\)", found.source)
    letters = [TTFont(BytesIO(b64decode(font))).getBestCmap().keys() for font in fonts]
    assert all(ord(letter) in letters[0] for letter in "城市City 12")
    assert all(ord(letter) in letters[1] for letter in "Łódź Ω")
    assert len(letters[0]) < 150
    assert "font-src data:" in found.policy
    assert "data:font" not in page(desk, panel, live=False).source
    with ThreadPoolExecutor() as pool:
        again = list(pool.map(lambda _: page(desk, panel, live=False, fonts=True), range(2)))
    assert [each.source for each in again] == [found.source] * 2


def test_pages_with_very_many_letters_are_set_by_the_reader():
    assert faces("".join(map(chr, range(0x4E00, 0x4E00 + 5000)))) == ""


def test_several_dashboards_are_in_one_file(desk, bars):
    sections = [desk.section(desk.panel(bars()), title=title, uid=title) for title in ("One", "Two")]
    found = page(desk, edition=desk.edition(*sections))
    assert found.attributes("data-chart") == ["0", "1"]
    assert {"#d1", "#d2"} <= set(found.attributes("href"))
    identifiers = found.attributes("id")
    assert len(identifiers) == len(set(identifiers))
