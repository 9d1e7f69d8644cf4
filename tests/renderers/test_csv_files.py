"""CSV files, read back by the standard library's csv module."""

from __future__ import annotations

import csv
import io
import math
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pydantic
import pytest
from hypothesis import given, settings, strategies as st

from pressroom import Column, Kind, Role
from pressroom_builtin.renderers.csv_options import CsvOptions

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=20)
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def read(desk, document, encoding="utf-8", **dialect):
    return list(csv.reader(io.StringIO(desk.bytes(document).decode(encoding), newline=""), **dialect))


def one(desk, frame, edition=None, **options):
    panel = options.pop("panel", None)
    if edition is None and panel is None:
        panel = desk.table(frame)
    (document,) = desk.render("csv", edition or desk.edition(desk.section(panel)), **options)
    assert document.size == len(desk.bytes(document))
    return document


@given(
    rows=st.lists(
        st.tuples(
            st.none() | TEXTS,
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
            st.none() | st.integers(-(2**63), 2**63 - 1),
        ),
        max_size=12,
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    line_end=st.sampled_from(["lf", "crlf"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "gb18030", "utf-8-sig"]),
)
@settings(max_examples=120, deadline=None)
def test_everything_comes_back(desk_type, rows, delimiter, line_end, encoding):
    with tempfile.TemporaryDirectory() as folder:
        desk = desk_type(Path(folder))
        frame = pl.DataFrame(
            rows, schema={"text": pl.String, "real": pl.Float64, "whole": pl.Int64}, orient="row"
        )  # fmt: skip
        document = one(desk, frame, delimiter=delimiter, line_end=line_end, encoding=encoding, defuse=False)
        header, *found = read(desk, document, encoding, delimiter=delimiter)
    assert header == ["text", "real", "whole"]
    back = [(text, float(real) if real else None, int(whole) if whole else None) for text, real, whole in found]
    assert back == [(text or "", real, whole) for text, real, whole in rows]


@given(st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=80, deadline=None)
def test_no_field_can_run_as_a_formula(desk_type, texts):
    with tempfile.TemporaryDirectory() as folder:
        desk = desk_type(Path(folder))
        columns = (Column(name="t", role=Role.dimension, kind=Kind.text, label="=cmd()"),)
        panel = desk.table(pl.DataFrame({"t": texts}), columns=columns)
        (head,), *found = read(desk, one(desk, None, panel=panel))
    assert head == "'=cmd()"
    assert [row[0] for row in found] == [f"'{text}" if text.startswith(FORMULAS) else text for text in texts]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", '=HYPERLINK("http://x","y")'])
def test_formulas_are_defused_unless_asked_not_to(desk, text):
    frame = pl.DataFrame({"t": [text], "n": [-5]})
    assert read(desk, one(desk, frame))[1] == [f"'{text}", "-5"]
    assert read(desk, one(desk, frame, defuse=False))[1] == [text, "-5"]


def test_large_spools_keep_order_and_count(desk):
    frame = pl.DataFrame({"n": range(450_001)})
    found = desk.bytes(one(desk, frame)).split()
    assert found == [b"n", *(str(n).encode() for n in range(450_001))]


def test_times_are_in_the_dashboards_zone_and_format(desk):
    moment = datetime(2013, 7, 1, 12, 30, tzinfo=UTC)
    frame = pl.DataFrame({"time": [moment, None]}, schema={"time": pl.Datetime("ms", "UTC")}).with_columns(n=1)
    edition = desk.edition(desk.section(desk.table(frame), zone="America/New_York"))
    assert read(desk, one(desk, None, edition))[1:] == [["2013-07-01T08:30:00-04:00", "1"], ["", "1"]]
    utc = desk.edition(desk.section(desk.table(frame)))
    assert read(desk, one(desk, None, utc))[1:] == [["2013-07-01T12:30:00+00:00", "1"], ["", "1"]]
    assert read(desk, one(desk, None, edition, time_format="%d.%m.%Y %H:%M"))[1:] == [
        ["01.07.2013 08:30", "1"],
        ["", "1"],
    ]


def test_decimal_comma_and_exact_numbers(desk):
    frame = pl.DataFrame({"x": [1234.5, -0.1, 1e-7, None, 0.1 + 0.2], "t": ["a"] * 5})
    document = one(desk, frame, decimal=",", delimiter=";")
    found = [field.replace(",", ".") for field, _ in read(desk, document, delimiter=";")[1:] if field]
    assert [float(field) for field in found] == [1234.5, -0.1, 1e-7, 0.1 + 0.2]
    assert b"1234,5" in desk.bytes(document)


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ({"bom": True}, b"\xef\xbb\xbfn"),
        ({"bom": True, "encoding": "UTF-16LE"}, b"\xff\xfen\0"),
        ({"encoding": "utf-16", "bom": True}, "n".encode("utf-16")),
        ({"encoding": "utf-8-sig"}, b"\xef\xbb\xbfn"),
        ({"bom": True, "encoding": "latin-1"}, b"n\n"),
    ],
)
def test_byte_order_marks(desk, options, start):
    assert desk.bytes(one(desk, pl.DataFrame({"n": [1]}), **options)).startswith(start)


def test_an_unknown_encoding_with_a_fallback_is_told(desk):
    document = one(desk, pl.DataFrame({"城市": ["上海"]}), encoding="klingon", fallback="utf-16-le", bom=True)
    assert desk.bytes(document).decode("utf-16").splitlines() == ["城市", "上海"]
    assert document.media_type == "text/csv; charset=utf-16-le"
    assert document.warnings == ("Orders: there is no encoding 'klingon'; the file is in utf-16-le",)
    assert one(desk, pl.DataFrame({"n": [1]}), encoding="latin-1", fallback="utf-8").warnings == ()


def test_what_an_encoding_lacks_is_replaced_and_told(desk):
    document = one(desk, pl.DataFrame({"城市": ["上海é", "ok"]}), encoding="iso-8859-1")
    assert read(desk, document, "iso-8859-1") == [["??"], ["??é"], ["ok"]]
    (warning,) = document.warnings
    assert "4 characters" in warning
    assert "iso8859-1" in document.media_type


@pytest.mark.parametrize(("header", "first"), [("labels", ["Line 1\nLine 2"]), ("names", ["n"]), ("none", ["1"])])
def test_headers(desk, header, first):
    columns = (Column(name="n", role=Role.metric, kind=Kind.number, label="Line 1\nLine 2"),)
    panel = desk.table(pl.DataFrame({"n": [1]}), columns=columns)
    assert read(desk, one(desk, None, panel=panel, header=header))[0] == first


def test_one_file_a_table_with_safe_names(desk, bars):
    frame = pl.DataFrame({"n": [1]})
    titles = ["Orders", "orders", "../../etc/passwd", "", "a" * 500, "文" * 500, "CON"]
    panels = [desk.table(frame, title, uid=f"u{n}") for n, title in enumerate(titles)]
    documents = desk.render("csv", desk.edition(desk.section(desk.panel(bars()), *panels)))
    assert len(documents) == len(titles)
    assert [document.name for document in documents][:4] == [
        "weekly-flights - Orders.csv", "weekly-flights - orders (2).csv",
        "weekly-flights - .. etc passwd.csv".replace(".. ", ""), "weekly-flights - u3.csv",
    ]  # fmt: skip
    for document in documents:
        path = (desk.folder / document.path).resolve()
        assert path.parent == desk.folder.resolve()
        assert len(document.path.encode()) < 256


def test_no_table_gives_no_document(desk, bars):
    assert desk.render("csv", desk.edition(desk.section(desk.panel(bars())))) == []


def test_a_failed_table_says_why(desk):
    panel = desk.panel(None, "Orders", type="table", error="=no such table")
    assert read(desk, one(desk, None, panel=panel)) == [["'=no such table"]]


def test_a_table_without_rows_has_its_header(desk):
    document = one(desk, pl.DataFrame(schema={"a": pl.String, "b": pl.Int64}))
    assert read(desk, document) == [["a", "b"]]


def test_a_cut_answer_is_told(desk):
    document = one(desk, None, panel=desk.table(pl.DataFrame({"n": [1, 2, 3]}), truncated=True))
    assert "first 3 rows" in document.warnings[0]


@pytest.mark.parametrize(
    "options",
    [
        {"fallback": "utf-99"}, {"encoding": "x", "fallback": "hex"},
        {"encoding": "utf-99"}, {"encoding": "rot13"}, {"encoding": "hex"}, {"delimiter": ""}, {"delimiter": ",,"},
        {"delimiter": "\n"}, {"delimiter": '"'}, {"delimiter": "5"}, {"decimal": ","}, {"time_format": "%!"},
        {"decimal": "x"}, {"header": "maybe"}, {"unknown": 1},
    ],
)  # fmt: skip
def test_bad_options_are_refused(options):
    with pytest.raises(pydantic.ValidationError):
        CsvOptions(**options)


def test_numbers_read_back_exactly(desk):
    numbers = [math.pi, 1e300, 5e-324, 2.0**53 + 2]
    assert [float(row[0]) for row in read(desk, one(desk, pl.DataFrame({"n": numbers})))[1:]] == numbers
