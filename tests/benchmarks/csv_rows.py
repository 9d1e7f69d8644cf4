"""CSV of ten million rows: Pressroom from a spool, against `polars.sink_csv` from Parquet."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from measure import child, cpu, peak

from pressroom import (
    Column,
    Context,
    Edition,
    Grid,
    Kind,
    Panel,
    PluginConfig,
    Role,
    Rows,
    Section,
    Setup,
    Spool,
    Table,
)  # fmt: skip
from pressroom_builtin.renderers.csv import CsvOptions, CsvRenderer

ROWS, PART = 10_000_000, 200_000
START = datetime(2013, 1, 1, tzinfo=UTC)


def prepare(folder: Path, rows: int) -> None:
    """The same data as a spool in parts and as one Parquet file."""
    parts = []
    for number in range(0, rows, PART):
        index = pl.int_range(number, min(number + PART, rows), eager=True)
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
        parts.append(frame)
        frame.write_ipc(folder / f"part-{number:09}.arrow", compression="uncompressed")
    pl.concat(parts).write_parquet(folder / "rows.parquet")


def sink(folder: Path) -> None:
    """What it is measured against."""
    pl.scan_parquet(folder / "rows.parquet").sink_csv(folder / "sink.csv")


def render(folder: Path) -> None:
    """The csv renderer over the spool."""
    roles = {"ts": (Role.time, Kind.time), "name": (Role.dimension, Kind.text)}
    columns = tuple(
        Column(name=name, role=role, kind=kind)
        for name in ("ts", "name", "a", "b", "c", "n")
        for role, kind in [roles.get(name, (Role.metric, Kind.number))]
    )
    parts = tuple(sorted(path.name for path in folder.glob("part-*.arrow")))
    rows = Rows(columns=columns, spool=Spool(parts=parts, rows=ROWS))
    panel = Panel(uid="t", title="Rows", type="table", grid=Grid(), figure=Table(), rows=rows)
    end = START + timedelta(days=1)
    section = Section(uid="s", title="", description="", start=START, end=end, zone="UTC", choices=(), panels=(panel,))
    edition = Edition(
        report="", title="", filename="rows", author="", locale="en", zone="UTC",
        planned_at=START, composed_at=START, sections=(section,),
    )  # fmt: skip
    renderer = CsvRenderer(PluginConfig(), Setup(instance="csv", workspace=folder, scratch=folder))
    list(renderer.render(edition, CsvOptions(), Context(folder)))


def main(rows: int = ROWS) -> list[tuple[str, str]]:
    """Rows of the printed table."""
    with tempfile.TemporaryDirectory() as name:
        child("csv_rows.py", "prepare", name, str(rows))
        runs = {how: [child("csv_rows.py", how, name) for _ in range(3)] for how in ("sink", "render")}
    best = {how: min(found, key=lambda run: run["wall"]) for how, found in runs.items()}
    memory = max(run["peak"] for run in runs["render"])
    return [
        (f"CSV of {rows / 1e6:g} M rows, s (CPU s)", f"{best['render']['wall']:.2f} ({best['render']['cpu']:.2f})"),
        ("  polars.sink_csv, s (CPU s)", f"{best['sink']['wall']:.2f} ({best['sink']['cpu']:.2f})"),
        ("  part of its speed (at least 70 %)", f"{100 * best['sink']['wall'] / best['render']['wall']:.0f} %"),
        ("  peak MB (under 400)", f"{memory:.0f}"),
    ]


def timed(how: str, folder: Path) -> dict[str, float]:
    """Seconds, CPU seconds and peak megabytes of one of the two."""
    start, before = time.perf_counter(), cpu()
    {"sink": sink, "render": render}[how](folder)
    return {"wall": time.perf_counter() - start, "cpu": cpu() - before, "peak": peak()}


if __name__ == "__main__":
    if sys.argv[1:2] == ["prepare"]:
        prepare(Path(sys.argv[2]), int(sys.argv[3]))
        print("{}")
    elif sys.argv[1:2] in (["sink"], ["render"]):
        print(json.dumps(timed(sys.argv[1], Path(sys.argv[2]))))
    else:
        for what, figure in main():
            print(f"{what:46} {figure}")
