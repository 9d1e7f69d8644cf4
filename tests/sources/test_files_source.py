"""The `files` source over each kind of file, and files that change, are missing, or are odd."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pressroom import QueryError, SettingsError, SourceError
from pressroom_builtin.sources.files import FilesConfig, FilesSource
from servers.shop_data import setup_in

FRAME = pl.DataFrame({"name": ["Łódź", "北京"], "n": [1, 2]})


def source(folder: Path, path: str, **more: Any) -> FilesSource:
    return FilesSource(FilesConfig(tables={"t": path}, **more), setup_in(folder))


@pytest.mark.parametrize(
    "name", ["t.csv", "t.tsv", "t.parquet", "t.ndjson", "t.jsonl", "t.csv.gz", "t.CSV", "t.xlsx", 'it\'s a "t".csv']
)
def test_each_kind_of_file_is_read(tmp_path: Path, ask: Any, name: str) -> None:
    path = tmp_path / name
    match name.lower().removesuffix(".gz").rpartition(".")[2]:
        case "parquet":
            FRAME.write_parquet(path)
        case "ndjson" | "jsonl":
            FRAME.write_ndjson(path)
        case "xlsx":
            FRAME.write_excel(path)
        case ending:
            text = FRAME.write_csv(separator="\t" if ending == "tsv" else ",").encode()
            path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    assert ask(source(tmp_path, name), "SELECT * FROM t ORDER BY n").frame().rows() == [("Łódź", 1), ("北京", 2)]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_that_changes_is_seen(tmp_path: Path, ask: Any, ending: str) -> None:
    path = tmp_path / f"t.{ending}"
    shop = source(tmp_path, path.name)
    for number, rows in enumerate((1, 2)):
        part = FRAME.head(rows)
        part.write_csv(path) if ending == "csv" else part.write_excel(path)
        os.utime(path, (number, number))
        assert ask(shop, "SELECT count(*) AS n FROM t").frame().rows() == [(rows,)]


def test_a_pattern_finds_several_files_and_nothing_else(tmp_path: Path, ask: Any) -> None:
    (tmp_path / "in").mkdir()
    for name in ("in/a-1.csv", "in/a-2.csv", "in/b.csv"):
        FRAME.write_csv(tmp_path / name)
    shop = source(tmp_path, "in/a-*.csv")
    assert ask(shop, "SELECT count(*) AS n FROM t").frame().rows() == [(4,)]
    with pytest.raises(QueryError):
        ask(shop, f"SELECT * FROM read_csv('{tmp_path}/in/b.csv')")


def test_a_missing_file_is_named_with_its_key(tmp_path: Path, ask: Any) -> None:
    shop = source(tmp_path, "none.csv")
    for attempt in (lambda: ask(shop, "SELECT 1"), shop.check):
        with pytest.raises(SourceError, match=r"sources\.shop\.tables\.t: no file none\.csv"):
            attempt()


def test_other_endings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.exe").write_bytes(b"")
    with pytest.raises(SettingsError, match=r"\.exe are not read"):
        source(tmp_path, "t.exe").check()


@pytest.mark.parametrize("name", ["t.parquet", "t.xlsx", "t.ndjson"])
def test_a_broken_file_is_an_error(tmp_path: Path, ask: Any, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\x01 no such thing {")
    with pytest.raises(SourceError, match="t"):
        source(tmp_path, name).check()
    with pytest.raises(SourceError, match="t"):
        ask(source(tmp_path, name), "SELECT * FROM t")


def test_a_sort_larger_than_the_memory_is_spilled(tmp_path: Path, ask: Any) -> None:
    FRAME.write_csv(tmp_path / "t.csv")
    text = "SELECT i FROM (SELECT range AS i, random() AS r FROM range(3000000)) ORDER BY r, i DESC"
    found = ask(source(tmp_path, "t.csv", memory="40MB"), text, timeout=60)
    assert found.rows == 1000
    assert not list((tmp_path / ".scratch").iterdir())


def test_duckdbs_own_types_are_read(tmp_path: Path, ask: Any) -> None:
    FRAME.write_csv(tmp_path / "t.csv")
    text = """SELECT INTERVAL 1 DAY AS i, [INTERVAL 1 DAY] AS li, {'a': INTERVAL 1 DAY} AS si,
        uuid() AS u, '101'::BIT AS b,
        1::HUGEINT AS h, 1.5::DECIMAL(38, 9) AS d, TIMETZ '12:00:00+02' AS z, MAP {'a': 1} AS m, 'x'::BLOB AS x,
        TIMESTAMP_NS '2013-01-01' AS ns, DATE '2013-01-01' AS day, 'nan'::DOUBLE AS nan,
        NULL AS nothing, TIME '12:00' AS c,
        'a'::ENUM ('a') AS e, sum(n) AS s FROM t"""
    row = ask(source(tmp_path, "t.csv"), text).frame().row(0, named=True)
    assert (row["i"], row["li"], row["d"], row["h"], row["s"]) == ("1 day", "[1 day]", 1.5, 1, 3)
    assert (row["nan"], row["nothing"], row["e"], row["day"]) == (None, None, "a", "2013-01-01")


def test_the_largest_numbers_stay_positive(tmp_path: Path, ask: Any) -> None:
    FRAME.write_csv(tmp_path / "t.csv")
    largest = f"{2**128 - 1}::UHUGEINT"
    row = ask(source(tmp_path, "t.csv"), f"SELECT {largest} AS n, [{largest}] AS l").frame().row(0, named=True)
    assert row == {"n": float(2**128 - 1), "l": f"[{2**128 - 1}]"}


def test_two_columns_of_one_name_are_told(tmp_path: Path, ask: Any) -> None:
    FRAME.write_csv(tmp_path / "t.csv")
    with pytest.raises(QueryError, match="two columns are called a; name one of them otherwise with AS"):
        ask(source(tmp_path, "t.csv"), "SELECT 1 AS a, 2 AS a")


def test_memory_is_limited(tmp_path: Path, ask: Any) -> None:
    FRAME.write_csv(tmp_path / "t.csv")
    with pytest.raises(QueryError, match="memory"):
        ask(source(tmp_path, "t.csv", memory="20MB"), "SELECT list(range) AS l FROM range(100000000)")


def test_the_configuration_is_checked() -> None:
    for wrong in (
        {"tables": {}},
        {"tables": {"a b": "x.csv"}},
        {"tables": {"t": "x"}, "timezone": "Mars"},
        {"nope": 1},
    ):
        with pytest.raises(ValueError, match="validation error"):
            FilesConfig.model_validate(wrong)
