"""PDF documents as a reader sees them: pages, outline, text, metadata."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import polars as pl
import pytest
from pypdf import PdfReader

from pressroom import Branding, Choice, Document, Layout, Number, Text, VegaLite


def read(desk: Any, document: Document, password: str = "") -> PdfReader:
    return PdfReader(BytesIO(desk.bytes(document)), password=password or None)


def text_of(desk: Any, document: Document) -> str:
    """All text, with line breaks as spaces."""
    return " ".join(" ".join(page.extract_text() for page in read(desk, document).pages).split())


def one(desk: Any, edition: Any, **options: Any) -> Document:
    (document,) = desk.render("pdf", edition, **options)
    assert document.size == len(desk.bytes(document))
    assert document.media_type == "application/pdf"
    return document


@pytest.mark.parametrize(("orientation", "size"), [("portrait", (595, 842)), ("landscape", (842, 595))])
def test_pages_are_a4(desk, bars, orientation, size):
    document = one(desk, desk.edition(desk.section(desk.panel(bars())), layout=Layout(orientation=orientation)))
    (page,) = read(desk, document).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == size


def test_title_author_language_and_bookmarks(desk, bars):
    sections = [desk.section(desk.panel(bars()), title=f"Board {n} 概览", uid=f"u{n}") for n in range(3)]
    edition = desk.edition(*sections, layout=Layout(combine=True), locale="zh-CN", author="项目 A")
    reader = read(desk, one(desk, edition))
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("Weekly flights", "项目 A")
    assert reader.metadata.creation_date == edition.composed_at
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    outline = [(item.title, reader.get_destination_page_number(item)) for item in reader.outline]
    assert outline == [("Board 0 概览", 0), ("Board 1 概览", 1), ("Board 2 概览", 2)]


def test_text_of_pages_and_charts_can_be_searched(desk, bars):
    panels = desk.panel(bars(["上海城市", "网站 A", "Warszawa"]), title="热门网站 by 城市")
    edition = desk.edition(desk.section(panels), layout=Layout(show_variables=True))
    found = text_of(desk, one(desk, edition))
    for said in (
        "Flights",
        "1 Jan 2013 – 31 Jan 2013",
        "Carrier: AA, UA",
        "热门网站",
        "城市",
        "上海城市",
        "网站 A",
        "Page 1 of 1",
    ):
        assert said in found


def test_letters_of_every_european_script_have_a_glyph(desk, bars):
    words = ["Łódź", "Ďábel", "İşçiğ", "Їжак", "Ζωή", "Đặng", "Łódź 上海 ≤ 3"]
    panel = desk.panel(bars(words, [1.0] * len(words)), title="  ".join(words), grid=(0, 0, 24, 8))
    document = one(desk, desk.edition(desk.section(panel)))
    found = text_of(desk, document)
    assert all(found.count(word) >= 2 for word in words), found
    fonts = {name for page in read(desk, document).pages for name in fonts_of(page)}
    assert {name.partition("+")[2].partition("-")[0] for name in fonts} == {"NotoSansSC", "NotoSans"}


def fonts_of(page: Any) -> set[str]:
    """Names of the fonts that a page and the pictures on it are set in."""
    found: set[str] = set()

    def look(resources: Any) -> None:
        for font in (resources.get("/Font") or {}).values():
            found.add(str(font.get_object()["/BaseFont"]))
        for picture in (resources.get("/XObject") or {}).values():
            if "/Resources" in picture.get_object():
                look(picture.get_object()["/Resources"])

    look(page["/Resources"])
    return found


def test_words_follow_the_locale(desk):
    frame = pl.DataFrame({"name": ["x"] * 1234})
    found = text_of(desk, one(desk, desk.edition(desk.section(desk.table(frame)), locale="zh"), max_rows=100))
    assert "2013年1月1日 – 2013年1月31日" in found
    assert "前 100 行，共 1,234 行" in found
    assert "第 1 页，共" in found


@pytest.mark.parametrize(
    ("branding", "shown"),
    [
        (Branding(), {"Flights", "1 Jan 2013", "Weekly flights", "1 Feb 2013, 00:00"}),
        (Branding(show_title=False), {"1 Jan 2013", "Weekly flights", "1 Feb 2013, 00:00"}),
        (Branding(show_time_range=False), {"Flights", "Weekly flights", "1 Feb 2013, 00:00"}),
        (Branding(show_header=False), {"Flights", "1 Jan 2013"}),
        (Branding(show_header=False, show_title=False, show_time_range=False), set()),
    ],
)
def test_header_switches(desk, bars, branding, shown):
    panels = [desk.panel(bars(), "P", (0, number * 8, 24, 8)) for number in range(4)]
    document = one(desk, desk.edition(desk.section(*panels), branding=branding))
    pages = [page.extract_text() for page in PdfReader(BytesIO(desk.bytes(document))).pages]
    assert len(pages) == 2
    for found in pages:
        said = ("Flights", "1 Jan 2013", "Weekly flights", "1 Feb 2013, 00:00")
        assert {text for text in said if text in found} == shown
    assert [item.title for item in read(desk, document).outline] == ["Flights"]


def test_variables_are_shown_where_asked_for(desk, bars):
    everything = Choice(name="origin", label="", values=("EWR",), everything=True)
    section = desk.section(desk.panel(bars()), choices=(everything,))
    assert "origin: All" in text_of(desk, one(desk, desk.edition(section, layout=Layout(show_variables=True))))
    assert "origin" not in text_of(desk, one(desk, desk.edition(section)))


def test_grid_never_cuts_a_panel_and_keeps_the_arrangement(desk, bars):
    panels = [desk.panel(bars(), f"panel-{n}-", (n % 2 * 12, n // 2 * 8, 12, 8)) for n in range(10)]
    pages = read(desk, one(desk, desk.edition(desk.section(*panels)))).pages
    counts = [sum(f"panel-{n}-" in page.extract_text() for n in range(10)) for page in pages]
    assert counts == [4, 4, 2]


@pytest.mark.parametrize(("orientation", "pages"), [("portrait", 3), ("landscape", 7)])
def test_simple_layout(desk, bars, orientation, pages):
    panels = [desk.panel(bars(), f"P{n}", (0, n, 3, 1)) for n in range(7)]
    edition = desk.edition(desk.section(*panels), layout=Layout(layout="simple", orientation=orientation))
    assert len(read(desk, one(desk, edition)).pages) == pages


def test_scale_decides_how_much_fits(desk, bars):
    section = desk.section(*[desk.panel(bars(), f"P{n}", (0, n * 8, 24, 8)) for n in range(8)])
    pages = [
        len(read(desk, one(desk, desk.edition(section, layout=Layout(scale=scale)))).pages) for scale in (0.5, 1, 2)
    ]
    assert pages == [2, 4, 8]


@pytest.mark.parametrize("scale", [0.25, 4.0])
@pytest.mark.parametrize("orientation", ["portrait", "landscape"])
@pytest.mark.parametrize("locale", ["en", "zh-Hant-TW", "pt_BR", "nonsense"])
def test_extreme_scales_and_tiny_panels(desk, bars, scale, orientation, locale):
    figures = (
        bars(), Number(items=(Number.Item(value=1.5, previous=2),) * 9), Text(markdown="# A\n\n- b"), Text(markdown=""),
    )  # fmt: skip
    panels = [desk.panel(figures[n % 4], f"P{n}", (n % 24, n // 24 * 2, 1, 1 + n % 2)) for n in range(28)]
    panels.append(desk.table(pl.DataFrame({"a": ["x"] * 3, "b": [1] * 3}), grid=(23, 9, 1, 1)))
    layout = Layout(scale=scale, orientation=orientation)
    document = one(desk, desk.edition(desk.section(*panels), layout=layout, locale=locale))
    assert document.warnings == ()


def test_huge_and_overlapping_panels_are_all_there(desk, bars):
    grids = [(0, 0, 24, 1000), (0, 0, 12, 8), (0, 0, 12, 8), (23, 90_000, 1, 1), (30, -5, 99, 0)]
    panels = [desk.panel(Text(markdown=f"word{n}x"), "", grid) for n, grid in enumerate(grids)]
    found = text_of(desk, one(desk, desk.edition(desk.section(*panels))))
    assert all(f"word{n}x" in found for n in range(4))


def test_a_long_table_goes_on_with_its_header_and_count(desk):
    frame = pl.DataFrame({"order": [f"order-{n}-" for n in range(234)], "value": [n * 1000.5 for n in range(234)]})
    document = one(desk, desk.edition(desk.section(desk.table(frame))))
    pages = [page.extract_text() for page in read(desk, document).pages]
    found = "".join(pages)
    assert len(pages) > 4
    assert all("order" in page and "value" in page for page in pages)
    assert [found.count(f"order-{n}-") for n in range(234)] == [1] * 234
    assert "234 rows" in pages[-1]
    assert "1,000.5" in found


def test_rows_over_the_limit_are_told_not_shown(desk):
    frame = pl.DataFrame({"n": [f"#{n}#" for n in range(12_345)]})
    found = text_of(desk, one(desk, desk.edition(desk.section(desk.table(frame)))))
    assert "first 1,000 of 12,345 rows" in found
    assert "#999#" in found
    assert "#1000#" not in found


def test_very_large_tables_share_the_room(desk):
    frame = pl.DataFrame({f"c{n}": ["x"] * 1_000 for n in range(100)})
    panels = [desk.table(frame, f"T{n}", (0, n * 8, 24, 8)) for n in range(2)]
    reader = read(desk, one(desk, desk.edition(desk.section(*panels))))
    assert "first 20 of 1,000 rows" in reader.pages[-1].extract_text()


def test_a_query_that_was_cut_is_told(desk):
    panel = desk.table(pl.DataFrame({"n": [1, 2]}), truncated=True)
    assert "The query gave more than 2 rows" in text_of(desk, one(desk, desk.edition(desk.section(panel))))


def test_appended_tables_are_whole_and_last(desk, bars):
    frame = pl.DataFrame({"order": [f"<{n}>" for n in range(60)]})
    panels = (desk.table(frame, grid=(0, 0, 24, 8)), desk.panel(bars(), "Last chart", (0, 8, 24, 8)))
    document = one(desk, desk.edition(desk.section(*panels)), tables="append")
    first, *rest = [page.extract_text() for page in read(desk, document).pages]
    assert "Last chart" in first
    assert [n for n in range(60) if f"<{n}>" not in "".join(rest)] == []


def test_tables_apart_are_whole_in_a_second_document(desk, bars):
    frame = pl.DataFrame({"order": [f"<{n}>" for n in range(1200)]})
    short = pl.DataFrame({"short": ["one row"]})
    first = desk.section(
        desk.table(frame, grid=(0, 0, 24, 8)),
        desk.panel(None, "Broken", (0, 8, 12, 8), error="no such table", type="table"),
        desk.table(short, "Short", grid=(12, 8, 12, 8)),
        title="First",
    )
    second = desk.section(desk.panel(bars()), title="No tables", uid="second")
    main, apart, other = desk.render("pdf", desk.edition(first, second), tables="separate")
    assert [document.name for document in (main, apart, other)] == [
        "weekly-flights - First.pdf",
        "weekly-flights - First - tables.pdf",
        "weekly-flights - No tables.pdf",
    ]
    assert len(read(desk, main).pages) == 1
    assert "Broken" in text_of(desk, main)
    found = text_of(desk, apart)
    assert [n for n in range(1200) if f"<{n}>" not in found] == []
    assert "1,200 rows" in found
    assert "one row" in found
    assert [item.title for item in read(desk, apart).outline if not isinstance(item, list)] == ["First"]


def test_wide_tables_show_every_column(desk):
    frame = pl.DataFrame({f"column-{n}-": [f"cell-{n}-"] * 5 for n in range(100)})
    edition = desk.edition(desk.section(desk.table(frame)), layout=Layout(orientation="portrait"))
    reader = read(desk, one(desk, edition))
    found = "".join("".join(page.extract_text().split()) for page in reader.pages).replace("\u200b", "")
    assert [n for n in range(100) if f"column-{n}-" not in found or f"cell-{n}-" not in found] == []


def test_failures_become_boxes_and_the_rest_goes_on(desk, bars):
    panels = (
        desk.panel(None, "Broken", (0, 0, 12, 8), error="no such table: flights_2013"),
        desk.panel(VegaLite(spec={"mark": "nonsense"}), "Bad spec", (12, 0, 12, 8)),
        desk.panel(bars((), ()), "Empty", (0, 8, 12, 8)),
        desk.panel(bars(), "Good", (12, 8, 12, 8)),
    )
    document = one(desk, desk.edition(desk.section(*panels)))
    found = text_of(desk, document)
    for said in ("no such table: flights_2013", "cannot be drawn", "No data", "Good"):
        assert said in found
    (warning,) = document.warnings
    assert warning.startswith("Bad spec: ")


def test_a_spool_that_is_gone_is_a_box(desk):
    panel = desk.table(pl.DataFrame({"n": [1]}))
    for part in panel.rows.spool.parts:
        (desk.folder / part).unlink()
    document = one(desk, desk.edition(desk.section(panel)))
    assert len(document.warnings) == 1


@pytest.mark.parametrize("count", [0, 1, 40])
def test_any_number_of_panels(desk, count):
    panels = [desk.panel(Text(markdown=f"t{n}t"), f"P{n}", (n % 4 * 6, n // 4 * 5, 6, 5)) for n in range(count)]
    found = text_of(desk, one(desk, desk.edition(desk.section(*panels))))
    assert "Flights" in found
    assert all(f"t{n}t" in found for n in range(count))


def test_no_dashboards_make_one_empty_document(desk):
    assert len(read(desk, one(desk, desk.edition())).pages) >= 1


def test_one_document_each_or_combined(desk, bars):
    sections = [
        desk.section(desk.panel(bars()), title=title, uid=f"u{n}") for n, title in enumerate(["a/b", "A?B", ".."])
    ]
    apart = desk.render("pdf", desk.edition(*sections))
    assert [document.name for document in apart] == [
        "weekly-flights - a b.pdf", "weekly-flights - A B (2).pdf", "weekly-flights - u2.pdf",
    ]  # fmt: skip
    assert [document.section for document in apart] == ["u0", "u1", "u2"]
    assert len({document.path for document in apart}) == 3
    together = one(desk, desk.edition(*sections, layout=Layout(combine=True)))
    assert (together.name, together.section) == ("weekly-flights.pdf", "")
    assert len(read(desk, together).pages) == 3


def test_a_password_encrypts_with_aes_256(desk, bars):
    document = one(desk, desk.edition(desk.section(desk.panel(bars())), password="héslo"))
    reader = PdfReader(BytesIO(desk.bytes(document)))
    assert reader.is_encrypted
    assert not reader.decrypt("wrong")
    assert reader.trailer["/Encrypt"]["/R"] == 6
    assert "Departures" in read(desk, document, "héslo").pages[0].extract_text()


def test_the_same_edition_gives_the_same_bytes(desk, bars):
    frame = pl.DataFrame({"n": list(range(100))})
    edition = desk.edition(desk.section(desk.panel(bars()), desk.table(frame, grid=(0, 8, 24, 8))))
    first = desk.bytes(one(desk, edition))
    assert desk.bytes(one(desk, edition)) == first


def test_nothing_but_the_document_stays_in_the_folder(desk, bars):
    document = one(desk, desk.edition(desk.section(desk.panel(bars()))))
    assert [path.name for path in desk.folder.iterdir()] == [document.path]
    assert document.path.startswith("pdf")


@pytest.mark.parametrize("tagged", [True, False])
def test_tags_are_an_option(desk, bars, tagged):
    document = one(desk, desk.edition(desk.section(desk.panel(bars()))), tagged=tagged)
    assert ("/StructTreeRoot" in read(desk, document).trailer["/Root"]) is tagged


def test_numbers_have_units_formats_and_changes(desk):
    items = (
        Number.Item(value=1234567.891, label="Visitors", unit="€", previous=1_000_000),
        Number.Item(value=0.256, label="Rate", format="0.0%", previous=0.512),
        Number.Item(value=None, label="Nothing", previous=3),
    )
    found = text_of(desk, one(desk, desk.edition(desk.section(desk.panel(Number(items=items))))))
    for said in ("€1,234,567.9", "▲ 23.5%", "Visitors", "25.6%", "▼ 50.0%", "–", "Nothing"):
        assert said in found
