"""CSV of ten million rows from Parquet: Pressroom by query, spool and renderer, against `polars.sink_csv`."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import polars as pl
from measure import child, cpu, peak

from pressroom import (
    Context,
    Edition,
    Grid,
    Panel,
    PluginConfig,
    Query,
    Rows,
    Section,
    Setup,
    Table,
)  # fmt: skip
from pressroom.press.datasets import read_dataset
from pressroom_builtin.renderers.csv import CsvRenderer
from pressroom_builtin.renderers.csv_options import CsvOptions
from pressroom_builtin.sources.files import FilesConfig, FilesSource

ROWS = 10_000_000
START = datetime(2013, 1, 1, tzinfo=UTC)


def prepare(folder: Path, rows: int) -> None:
    """The data as a Parquet file."""
    index = pl.int_range(0, rows, eager=True)
    noise = index.hash(7) % 1_000_000
    frame = pl.DataFrame(
        {
            "ts": (index * 1000).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC"),
            "name": "name " + (index % 50).cast(pl.String),
            "a": noise / 7,
            "b": noise / 1000,
            "c": noise * 1.5,
            "n": noise.cast(pl.Int64),
        }
    )
    frame.write_parquet(folder / "rows.parquet")


def query(folder: Path) -> None:
    """Ask the files source and spool its answer."""
    setup = Setup(instance="rows", workspace=folder, scratch=folder)
    source = FilesSource(FilesConfig(tables={"rows": "rows.parquet"}), setup)
    context = Context(folder)
    (folder / "data").mkdir(exist_ok=True)
    answer = source.query(Query(text="SELECT * FROM rows", max_rows=ROWS + 1), context)
    found = read_dataset(answer, folder=folder, name="data/rows", max_rows=ROWS, context=context)
    assert found.spool is not None
    (folder / "rows.json").write_bytes(msgspec.json.encode(Rows(columns=found.columns, spool=found.spool)))


def sink(folder: Path) -> None:
    """What it is measured against."""
    pl.scan_parquet(folder / "rows.parquet").sink_csv(folder / "sink.csv")


def render(folder: Path) -> None:
    """The csv renderer over the spool."""
    rows = msgspec.json.decode((folder / "rows.json").read_bytes(), type=Rows)
    panel = Panel(uid="t", title="Rows", type="table", grid=Grid(), figure=Table(), rows=rows)
    end = START + timedelta(days=1)
    section = Section(uid="s", title="", description="", start=START, end=end, zone="UTC", choices=(), panels=(panel,))
    edition = Edition(
        report="", title="", filename="rows", author="", locale="en", zone="UTC",
        planned_at=START, composed_at=START, sections=(section,),
    )  # fmt: skip
    renderer = CsvRenderer(PluginConfig(), Setup(instance="csv", workspace=folder, scratch=folder))
    list(renderer.render(edition, CsvOptions(), Context(folder)))


def whole(folder: Path) -> None:
    """Query, spool and renderer in one process."""
    query(folder)
    render(folder)


def main(rows: int = ROWS) -> list[tuple[str, str]]:
    """Rows of the printed table."""
    with tempfile.TemporaryDirectory() as name:
        child("csv_rows.py", "prepare", name, str(rows))
        runs = {how: [child("csv_rows.py", how, name) for _ in range(3)] for how in ("sink", "whole", "render")}
    best = {how: min(found, key=lambda run: run["wall"]) for how, found in runs.items()}
    peaks = {how: max(run["peak"] for run in found) for how, found in runs.items()}
    return [
        (f"CSV of {rows / 1e6:g} M rows by polars.sink_csv, s (CPU s)", _seconds(best["sink"])),
        ("  query, spool and renderer", _seconds(best["whole"])),
        ("  part of its speed (at least 70 %)", f"{100 * best['sink']['wall'] / best['whole']['wall']:.0f} %"),
        ("  peak MB (under 400)", f"{peaks['whole']:.0f}"),
        ("  renderer alone", _seconds(best["render"])),
        ("  part of its speed", f"{100 * best['sink']['wall'] / best['render']['wall']:.0f} %"),
        ("  peak MB", f"{peaks['render']:.0f}"),
    ]


def _seconds(run: dict[str, float]) -> str:
    return f"{run['wall']:.2f} ({run['cpu']:.2f})"


def timed(how: str, folder: Path) -> dict[str, float]:
    """Seconds, CPU seconds and peak megabytes of one of the ways."""
    start, before = time.perf_counter(), cpu()
    WAYS[how](folder)
    return {"wall": time.perf_counter() - start, "cpu": cpu() - before, "peak": peak()}


WAYS = {"sink": sink, "whole": whole, "render": render}

if __name__ == "__main__":
    if sys.argv[1:2] == ["prepare"]:
        prepare(Path(sys.argv[2]), int(sys.argv[3]))
        print("{}")
    elif sys.argv[1:]:
        print(json.dumps(timed(sys.argv[1], Path(sys.argv[2]))))
    else:
        for what, figure in main():
            print(f"{what:46} {figure}")
