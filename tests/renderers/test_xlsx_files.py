"""Workbooks, read back from their XML and by another library."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import fastexcel
import msgspec
import polars as pl
import pytest
from hypothesis import given, strategies as st

from pressroom import Column, Kind, Role
from pressroom_builtin.renderers import xlsx
from pressroom_builtin.renderers.names import SheetNames

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Book:
    """A workbook's sheets as lists of rows; a cell is its text or number, its number format and `quoted`."""

    def __init__(self, content: bytes) -> None:
        with ZipFile(BytesIO(content)) as file:
            self.files = {name: file.read(name).decode() for name in file.namelist()}
        styles = ET.fromstring(self.files["xl/styles.xml"])
        formats = {each.get("numFmtId"): each.get("formatCode") for each in styles.iter(f"{MAIN}numFmt")}
        self.styles = [
            (formats.get(each.get("numFmtId"), ""), each.get("quotePrefix") == "1")
            for each in styles.find(f"{MAIN}cellXfs") or ()
        ]
        workbook = ET.fromstring(self.files["xl/workbook.xml"])
        self.names = [str(sheet.get("name")) for sheet in workbook.iter(f"{MAIN}sheet")]

    def rows(self, number: int = 1) -> list[list[tuple[str | float, str, bool]]]:
        sheet = ET.fromstring(self.files[f"xl/worksheets/sheet{number}.xml"])
        return [[self._cell(cell) for cell in row] for row in sheet.iter(f"{MAIN}row")]

    def _cell(self, cell: ET.Element) -> tuple[str | float, str, bool]:
        format, quoted = self.styles[int(cell.get("s", "0"))]
        if cell.get("t") == "inlineStr":
            return "".join(cell.itertext()), format, quoted
        assert cell.find(f"{MAIN}f") is None, "a formula"
        return float("".join(cell.itertext())), format, quoted


def metric(name: str, **more: str) -> Column:
    return Column(name=name, role=Role.metric, kind=Kind.number, **more)


def one(desk, *panels, **options):
    (document,) = desk.render("xlsx", desk.edition(desk.section(*panels, zone="Europe/Warsaw")), **options)
    return document, Book(desk.bytes(document))


def test_types_units_and_formats_are_kept(desk):
    frame = pl.DataFrame(
        {
            "time": pl.Series(
                [datetime(2013, 1, 1, 23, tzinfo=UTC), datetime(2013, 7, 1, 22, tzinfo=UTC)],
                dtype=pl.Datetime("ms", "UTC"),
            ),
            "at": pl.Series([datetime(2013, 1, 1, 12, 30, tzinfo=UTC), None], dtype=pl.Datetime("ms", "UTC")),
            "city": ["Łódź", None],
            "delay": [1.25, None],
            "share": [0.255, 1.0],
            "spent": [3661, 59],
            "paid": [1234, 2],
            "year": [2013, 2014],
        }
    )
    columns = (
        Column(name="time", role=Role.time, kind=Kind.time),
        Column(name="at", role=Role.dimension, kind=Kind.time),
        Column(name="city", role=Role.dimension, kind=Kind.text, label="City"),
        metric("delay", label="Delay", unit="min", format="0.0"),
        metric("share", format="0.0%"),
        metric("spent", format="duration"),
        metric("paid", unit="$"),
        metric("year", format="plain"),
    )
    _, book = one(desk, desk.table(frame, columns=columns))
    head, first, second = book.rows()
    assert [cell[0] for cell in head] == ["time", "at", "City", "Delay", "share", "spent", "paid", "year"]
    # midnight in Warsaw, and half past one in the afternoon
    assert first[0] == (41276.0, "yyyy-mm-dd", False)
    assert first[1] == (pytest.approx(41275 + 13.5 / 24), "yyyy-mm-dd hh:mm", False)
    assert first[2][0] == "Łódź"
    assert first[3] == (1.25, '#,##0.0" min"', False)
    assert first[4] == (0.255, "#,##0.0%", False)
    assert first[5] == (pytest.approx(3661 / 86400), "[h]:mm:ss", False)
    assert first[6][1:] == ('"$"#,##0', False)
    assert first[7][0] == 2013
    # nulls are empty cells
    assert len(second) == 5


def test_dates_are_dates(desk):
    days = ["2013-01-01", None, "1850-05-06"]
    frame = pl.DataFrame({"day": days, "mixed": ["2013-01-01", "x", None], "wrong": ["2013-02-30", None, None]})
    _, book = one(desk, desk.table(frame))
    first, _, last = book.rows()[1:]
    assert first[0] == (41275, "yyyy-mm-dd", False)
    assert [cell[0] for cell in first[1:]] == ["2013-01-01", "2013-02-30"]
    # before Excel's calendar begins
    assert last[0][0] == "1850-05-06"


def test_texts_stay_texts(desk):
    texts = ["=1+1", "+1", "-1", "@a", "http://example.org", "12", "<b>&", "a\nb"]
    _, book = one(desk, desk.table(pl.DataFrame({"t": texts})))
    cells = [row[0] for row in book.rows()[1:]]
    assert [cell[0] for cell in cells] == texts
    assert [cell[2] for cell in cells] == [True] * 4 + [False] * 4
    assert "hyperlink" not in book.files["xl/worksheets/sheet1.xml"]


def test_another_library_reads_it(desk):
    frame = pl.DataFrame({"city": ["a", "=b"], "m": [1.5, None]})
    document, _ = one(desk, desk.table(frame, "Orders"))
    reader = fastexcel.read_excel(desk.bytes(document))
    assert reader.sheet_names == ["Orders"]
    assert reader.load_sheet(0).to_polars().to_dict(as_series=False) == {"city": ["a", "=b"], "m": [1.5, None]}


def test_what_a_cell_cannot_hold_is_said(desk):
    frame = pl.DataFrame(
        {"t": ["x" * 40_000, "y"], "id": [9_007_199_254_740_993, 5]}, schema={"t": pl.String, "id": pl.Int64}
    )
    document, book = one(desk, desk.table(frame, truncated=True))
    _, first, second, note = book.rows()
    assert len(str(first[0][0])) == 32_767
    assert first[1][0] == "9007199254740993"
    assert second[1][0] == 5
    assert "more than 2 rows" in str(note[0][0])
    said = " ".join(document.warnings)
    assert "1 texts were cut" in said
    assert "1 integers are text" in said
    assert "more than 2 rows" in said


def test_moments_outside_of_excels_calendar_are_text(desk):
    moments = pl.Series("time", [-3_776_000_000_000, 0, 400_000_000_000_000, -80_000_000_000_000]).cast(
        pl.Datetime("ms", "UTC")
    )
    _, book = one(desk, desk.table(pl.DataFrame({"time": moments})))
    old, now, far, ancient = (row[0][0] for row in book.rows()[1:])
    assert str(old).startswith("1850-05-06")
    assert isinstance(now, float)
    assert "14645-" in str(far)
    assert str(ancient).startswith("-0566") or str(ancient).startswith("-566")


def test_rows_beyond_a_sheet_go_on_with_another(desk, monkeypatch):
    monkeypatch.setattr(xlsx, "ROWS", 4)
    document, book = one(desk, desk.table(pl.DataFrame({"n": list(range(7))}), "Orders"))
    assert book.names == ["Orders", "Orders (2)", "Orders (3)"]
    assert [cell[0] for number in (1, 2, 3) for (cell,) in book.rows(number)[1:]] == list(range(7))
    assert document.warnings == ("Orders: 7 rows are on 3 sheets; one holds 3 and its header",)


def test_tables_or_everything_and_errors(desk, bars):
    table = desk.table(pl.DataFrame({"n": [1]}), "Orders")
    chart = desk.table(pl.DataFrame({"city": ["a"], "n": [1]}), "Chart")
    broken = desk.panel(title="Broken", type="table", error="it failed")
    drawn = msgspec.structs.replace(chart, figure=bars())
    assert one(desk, table, broken)[1].names == ["Orders", "Broken"]
    assert one(desk, table, broken)[1].rows(2)[0][0][0] == "it failed"
    assert desk.render("xlsx", desk.edition(desk.section(drawn))) == []
    assert one(desk, table, drawn, sheets="all")[1].names == ["Orders", "Chart"]


def test_equal_titles_of_columns_get_numbers(desk):
    frame = pl.DataFrame({"a": [1], "b": [2], "c": [3]})
    columns = tuple(metric(name, label=label) for name, label in (("a", "n"), ("b", "N"), ("c", "n")))
    _, book = one(desk, desk.table(frame, columns=columns))
    assert [cell[0] for cell in book.rows()[0]] == ["n", "N (2)", "n (3)"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50), max_size=12))
def test_names_of_sheets_are_taken_by_excel(titles):
    names = SheetNames()
    found = [names.unique(title) for title in titles]
    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\]", name)
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.casefold() != "history"
