"""From Arrow batches to a dataset: types, roles, expressions, limits, the spool."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pressroom import Cancellation, Cancelled, Chart, Context, Dataset, Kind, QueryError, Role
from pressroom.press.datasets import read_dataset


def read(tmp_path: Path, *batches: pl.DataFrame, **more: Any) -> Dataset:
    options: dict[str, Any] = {"max_rows": 1_000_000, "source_timezone": "UTC", "time_format": "auto"}
    options |= {name: more.pop(name) for name in list(more) if name in options}
    chart = Chart(uid="c1", type="table", **more)
    return read_dataset(batches, chart=chart, folder=tmp_path, name="data/c1", context=Context(tmp_path), **options)


def shape(dataset: Dataset) -> list[tuple[str, str, str]]:
    return [(column.name, column.role.value, column.kind.value) for column in dataset.columns]


def test_every_type_becomes_a_time_a_number_or_text(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "small": pl.Series([1], dtype=pl.UInt8),
            "large": pl.Series([2**63], dtype=pl.UInt64),
            "exact": pl.Series([Decimal("1.50")]),
            "single": pl.Series([0.5], dtype=pl.Float32),
            "flag": [True],
            "list": [[1, 2]],
            "struct": [{"a": 1, "b": "ł"}],
            "binary": [b"\x00\xff"],
            "day": [date(2013, 1, 2)],
            "clock": [time(12, 30)],
            "span": [timedelta(hours=1)],
            "kind": pl.Series(["x"], dtype=pl.Categorical),
            "choice": pl.Series(["y"], dtype=pl.Enum(["y"])),
            "first": [datetime(2013, 1, 1, 12, tzinfo=UTC)],
            "second": pl.Series([datetime(2013, 1, 1, 12, tzinfo=UTC)], dtype=pl.Datetime("ns", "Asia/Tokyo")),
        }
    )
    dataset = read(tmp_path, frame)
    assert [(name, kind) for name, _, kind in shape(dataset)] == [
        ("first", "time"),
        ("flag", "text"),
        ("list", "text"),
        ("struct", "text"),
        ("binary", "text"),
        ("day", "text"),
        ("clock", "text"),
        ("span", "text"),
        ("kind", "text"),
        ("choice", "text"),
        ("second", "time"),
        ("small", "number"),
        ("large", "number"),
        ("exact", "number"),
        ("single", "number"),
    ]
    noon = datetime(2013, 1, 1, 12, tzinfo=UTC)
    row = dataset.frame().row(0, named=True)
    assert (row["first"], row["second"]) == (noon, noon)
    assert (row["flag"], row["list"], row["struct"], row["binary"]) == ("true", "[1, 2]", '{"a": 1, "b": "ł"}', "00ff")
    assert (row["day"], row["exact"], row["large"]) == ("2013-01-02", 1.5, 2.0**63)
    assert set(dataset.frame().dtypes) == {pl.Datetime("ms", "UTC"), pl.String, pl.Int64, pl.Float64}


def test_numbers_are_finite_and_text_is_clean(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"n": [1.0, float("nan"), float("inf"), None], "s": ["a\x00\x1b\x7fb", "\ufffe\uffff", "t\tn\n", None]}
    )
    found = read(tmp_path, frame).frame()
    assert found["n"].to_list() == [1.0, None, None, None]
    assert found["s"].to_list() == ["ab", "", "t\tn\n", None]


@pytest.mark.parametrize(
    ("values", "zone", "time_format", "right"),
    [
        ([1356998400], "UTC", "auto", "2013-01-01T00:00:00+00:00"),
        ([1356998400000], "UTC", "auto", "2013-01-01T00:00:00+00:00"),
        ([86400], "UTC", "ms", "1970-01-01T00:01:26.400+00:00"),
        ([1356998400.25], "UTC", "s", "2013-01-01T00:00:00.250+00:00"),
        (["1356998400"], "UTC", "s", "2013-01-01T00:00:00+00:00"),
        (["1356998400"], "UTC", "auto", "2013-01-01T00:00:00+00:00"),
        (["2013-01-01"], "Asia/Shanghai", "auto", "2012-12-31T16:00:00+00:00"),
        (["20130101"], "UTC", "auto", "2013-01-01T00:00:00+00:00"),
        (["2013-01-01 00:00:00"], "Asia/Shanghai", "iso", "2012-12-31T16:00:00+00:00"),
        (["2013-01-01T00:00:00+08:00"], "America/New_York", "iso", "2012-12-31T16:00:00+00:00"),
        ([datetime.fromisoformat("2013-03-10T02:30")], "America/New_York", "auto", "2013-03-10T07:30:00+00:00"),
        ([datetime.fromisoformat("2013-11-03T01:30")], "America/New_York", "auto", "2013-11-03T05:30:00+00:00"),
        ([date(2013, 7, 1)], "America/New_York", "auto", "2013-07-01T04:00:00+00:00"),
    ],
)
def test_times(tmp_path: Path, values: list[Any], zone: str, time_format: str, right: str) -> None:
    dataset = read(tmp_path, pl.DataFrame({"time": values}), source_timezone=zone, time_format=time_format)
    assert shape(dataset) == [("time", "time", "time")]
    assert dataset.frame()["time"].to_list() == [datetime.fromisoformat(right)]


def test_what_time_group_gives_is_always_ms(tmp_path: Path) -> None:
    dataset = read(
        tmp_path, pl.DataFrame({"time": [86_400_000]}), query="SELECT $__timeGroup(x) AS time", time_format="s"
    )
    assert dataset.frame()["time"].to_list() == [datetime(1970, 1, 2, tzinfo=UTC)]


@pytest.mark.parametrize("values", [["Monday"], [10**18], ["2013-02-30"], ["0001-01-01"], [-(10**15)]])
def test_what_is_no_time_says_so(tmp_path: Path, values: list[Any]) -> None:
    with pytest.raises(QueryError, match="time"):
        read(tmp_path, pl.DataFrame({"time": values}))


def test_the_chart_names_roles_labels_and_what_is_shown(tmp_path: Path) -> None:
    frame = pl.DataFrame({"year": [2013], "when": [1356998400], "total": [10], "n": [4], "name": ["x"]})
    dataset = read(
        tmp_path,
        frame,
        time="when",
        dimensions=[{"name": "year", "label": "Year"}],
        metrics=[
            {"name": "share", "expr": "mean / 5", "unit": "%"},
            {"name": "mean", "expr": "total / n", "whole_days_only": True, "fill": "zero"},
            {"name": "n", "label": "Flights"},
        ],
    )
    assert shape(dataset) == [
        ("when", "time", "time"),
        ("year", "dimension", "text"),
        ("share", "metric", "number"),
        ("mean", "metric", "number"),
        ("n", "metric", "number"),
    ]
    assert dataset.frame().row(0)[1:] == ("2013", 0.5, 2.5, 4)
    assert [(c.title, c.whole_days_only, c.fill) for c in dataset.metrics] == [
        ("share", True, "gap"),
        ("mean", True, "zero"),
        ("Flights", False, "gap"),
    ]


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        ({"metrics": [{"name": "totl"}]}, "metrics: the query gives no column totl; did you mean total"),
        ({"dimensions": ["nme"]}, "dimensions: the query gives no column nme; did you mean name"),
        ({"time": "tme"}, "time: the query gives no column tme"),
        ({"metrics": [{"name": "name"}]}, "'x' is not a number"),
        ({"metrics": [{"name": "m", "expr": "name * 2"}]}, "no numeric column or metric name"),
        ({"dimensions": ["total"], "metrics": [{"name": "total"}]}, "in dimensions and in metrics"),
    ],
)
def test_charts_that_do_not_fit_say_why(tmp_path: Path, chart: dict[str, Any], said: str) -> None:
    with pytest.raises(QueryError, match=said):
        read(tmp_path, pl.DataFrame({"total": [1], "name": ["x"]}), query="q", **chart)


def test_a_metric_may_cover_its_column(tmp_path: Path) -> None:
    frames = [pl.DataFrame({"delay": [60]}), pl.DataFrame({"delay": [90.0]})]
    dataset = read(tmp_path, *frames, metrics=[{"name": "delay", "expr": "delay / 60"}])
    assert dataset.frame()["delay"].to_list() == [1.0, 1.5]


def test_batches_may_hold_different_types(tmp_path: Path) -> None:
    batches = [
        pl.DataFrame({"a": [None], "b": [1], "c": [1], "k": ["x"]}, schema_overrides={"a": pl.Null}),
        pl.DataFrame({"a": [1], "b": [1.5], "c": ["two"], "k": ["y"]}),
        pl.DataFrame({"a": [None], "b": [None], "c": [None], "k": [None]}),
    ]
    dataset = read(tmp_path, *batches)
    assert shape(dataset) == [
        ("c", "dimension", "text"),
        ("k", "dimension", "text"),
        ("a", "metric", "number"),
        ("b", "metric", "number"),
    ]
    assert dataset.frame().rows() == [("1", "x", None, 1.0), ("two", "y", 1.0, 1.5), (None, None, None, None)]
    assert pl.concat(list(dataset.batches(1))).equals(dataset.frame())


def test_a_large_answer_stays_on_disk(tmp_path: Path) -> None:
    batches = [pl.DataFrame({"n": range(start, start + 30_000)}) for start in range(0, 210_000, 30_000)]
    dataset = read(tmp_path, *batches, max_rows=200_001)
    assert (dataset.rows, dataset.truncated, dataset.large) == (200_001, True, True)
    assert dataset.spool is not None
    assert len(dataset.spool.parts) == 2
    assert all((tmp_path / part).is_file() and part.startswith("data/") for part in dataset.spool.parts)
    assert [row for batch in dataset.batches(7_000) for row in batch["n"]] == list(range(200_001))
    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".new"]


def test_the_source_is_closed_whatever_happens(tmp_path: Path) -> None:
    closed: list[str] = []

    def source() -> Iterator[pl.DataFrame]:
        try:
            while True:
                yield pl.DataFrame({"n": [1]})
        finally:
            closed.append("yes")

    def ask(context: Context, **chart: Any) -> Dataset:
        return read_dataset(
            source(),
            chart=Chart(uid="c", type="table", **chart),
            folder=tmp_path,
            name="c",
            max_rows=3,
            context=context,
        )

    assert ask(Context(tmp_path)).truncated
    with pytest.raises(QueryError):
        ask(Context(tmp_path), metrics=[{"name": "x"}])
    cancellation = Cancellation()
    cancellation.set()
    with pytest.raises(Cancelled):
        ask(Context(tmp_path, cancellation=cancellation))
    assert closed == ["yes"] * 3


def test_without_a_chart_every_column_is_shown(tmp_path: Path) -> None:
    frame = pl.DataFrame({"cs1": ["u1"], "age": [30]})
    dataset = read_dataset([frame], folder=tmp_path, name="s", max_rows=10, context=Context(tmp_path))
    assert [(c.name, c.role) for c in dataset.columns] == [("cs1", Role.dimension), ("age", Role.metric)]


def test_an_answer_without_rows_has_its_kinds(tmp_path: Path) -> None:
    frame = pl.DataFrame(schema={"at": pl.Datetime("us"), "s": pl.String, "n": pl.Int32})
    dataset = read(tmp_path, frame)
    assert [c.kind for c in dataset.columns] == [Kind.time, Kind.text, Kind.number]
    assert dataset.frame().height == 0


def test_an_answer_without_rows_and_types_still_has_a_dimension(tmp_path: Path) -> None:
    names = ["time", "carrier", "n"]
    dataset = read(tmp_path, pl.DataFrame(schema=dict.fromkeys(names, pl.Null)))
    assert shape(dataset) == [("time", "time", "time"), ("carrier", "dimension", "text"), ("n", "metric", "number")]


cells = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=5) | st.binary(max_size=5)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=3))
def test_whatever_python_rows_hold_is_read(tmp_path: Path, columns: list[list[Any]]) -> None:
    from pressroom_builtin.sources.rows import frame

    names = [f"c{number}" for number in range(len(columns))]
    rows = list(zip(*columns, strict=True))
    dataset = read(tmp_path, *(frame(names, [row]) for row in rows))
    assert dataset.rows == 3
    for column in dataset.metrics:
        assert all(value is None or abs(value) < float("inf") for value in dataset.frame()[column.name])
