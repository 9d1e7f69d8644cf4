"""A chart's rows in the contract's form, where its query gives odd ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from pressroom import Column, Dataset, Kind, Role, UsageError, Window
from pressroom_builtin.growingio.encode import json_rows
from pressroom_builtin.growingio.rows import Form, Rows
from pressroom_builtin.growingio.served import told

START = datetime(2016, 5, 1, 16, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window.cut(START, START + 2 * DAY, "Asia/Shanghai", "1d")
FIRST, SECOND = (int(moment.timestamp() * 1000) for moment in WINDOW.buckets)
TIME = Column(name="time", role=Role.time, kind=Kind.time)
CITY = Column(name="city", role=Role.dimension, kind=Kind.text)
VISITS = Column(name="visits", role=Role.metric, kind=Kind.number)
LINE, TABLE, RANKED = Form(fill=True), Form(fill=False), Form(fill=False, ranked=True)


def rows(form: Form, columns: tuple[Column, ...], *given: tuple[Any, ...]) -> Rows:
    kinds = {Kind.time: pl.Datetime("ms", "UTC"), Kind.text: pl.String(), Kind.number: pl.Float64()}
    schema = {column.name: kinds[column.kind] for column in columns}
    return Rows(Dataset.of(pl.DataFrame(list(given), schema=schema, orient="row"), columns), WINDOW, form)


def wire(found: Rows) -> Any:
    pieces = [json_rows(frame, "],[") for frame in found.frames()]
    return json.loads(b"[[" + b",[".join(pieces) + b"]") if pieces else []


def test_a_time_is_the_start_of_its_bucket() -> None:
    found = rows(LINE, (TIME, VISITS), (START + DAY + timedelta(hours=3), 2.0), (START + timedelta(hours=9), 1.0))
    assert wire(found) == [[FIRST, 1.0], [SECOND, 2.0]]
    assert found.outside == 0


def test_several_rows_of_a_bucket_are_refused_rather_than_added_up() -> None:
    found = rows(
        LINE, (TIME, CITY, VISITS), (START, "A", 1.0), (START, "B", 2.0), (START + timedelta(hours=1), "B", 4.0)
    )
    with pytest.raises(UsageError, match=r"several rows for the bucket 2016-05-02T00:00:00\+08:00 of B"):
        wire(found)
    with pytest.raises(UsageError, match=r"several rows for the bucket 2016-05-02T00:00:00\+08:00,"):
        wire(rows(LINE, (TIME, VISITS), (START, 1.0), (START, 1.0)))


def test_rows_that_lie_in_no_bucket_are_left_out_and_counted() -> None:
    outside = [(None, 7.0), (START - timedelta(milliseconds=1), 7.0), (START + 2 * DAY, 7.0)]
    found = rows(LINE, (TIME, VISITS), (START, 1.0), *outside)
    assert wire(found) == [[FIRST, 1.0], [SECOND, 0.0]]
    assert found.outside == 3


def test_a_table_s_missing_time_has_the_word_of_a_missing_dimension() -> None:
    found = rows(TABLE, (TIME, VISITS), (START, 1.0), (None, 2.0))
    assert wire(found) == [[FIRST, 1.0], ["不适用", 2.0]]
    assert found.outside == 0


@pytest.mark.parametrize("form", [LINE, TABLE])
def test_an_empty_text_is_a_value_and_only_null_is_missing(form: Form) -> None:
    found = rows(form, (TIME, CITY, VISITS), (START, "", 1.0), (START, None, 2.0), (START, " ", 3.0))
    assert [row for row in wire(found) if row[0] == FIRST] == [
        [FIRST, "", 1.0],
        [FIRST, "不适用", 2.0],
        [FIRST, " ", 3.0],
    ]
    assert len(wire(found)) == (6 if form is LINE else 3)


def test_what_is_ranked_is_ranked_by_what_is_shown() -> None:
    found = rows(RANKED, (CITY, VISITS), ("A", 1.0), ("B", -1.0), ("C", None), ("D", float("inf")))
    assert wire(found) == [["A", 1.0], ["C", 0.0], ["D", 0.0], ["B", -1.0]]


@pytest.mark.parametrize(("warnings", "kept"), [(["x"] * 3, 3), (["停" * 10_000], 1), (["停" * 300] * 500, 3)])
def test_warnings_never_make_a_header_that_clients_refuse(warnings: list[str], kept: int) -> None:
    header = told(warnings)["X-Warnings"]
    assert len(header) < 4100
    found = json.loads(header)
    assert len(found) == kept
    assert len(warnings) == kept or found[-1] == f"and {len(warnings) - kept + 1} more"


def test_without_warnings_there_is_no_header() -> None:
    assert told([]) == {}
