"""A chart's data as a file: the documented JSON, CSV, one JSON array a line, or Excel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import msgspec

from pressroom import Role

if TYPE_CHECKING:
    import polars as pl

    from pressroom_builtin.growingio.service import ChartAnswer


def write_chart(answer: ChartAnswer, format_: str, out: IO[bytes]) -> None:
    """Write the answer; times are epoch ms in JSON, and ISO 8601 in the dashboard's zone in files for people."""
    if format_ == "json":
        out.write(msgspec.json.format(msgspec.json.encode(answer.whole()), indent=2) + b"\n")
    elif format_ == "ndjson":
        encoder = msgspec.json.Encoder()
        for frame in answer.frames():
            out.writelines(encoder.encode(row) + b"\n" for row in frame.iter_rows())
    elif format_ == "csv":
        header = True
        for frame in _readable(answer):
            out.write(frame.write_csv(include_header=header).encode())
            header = False
    else:
        _write_xlsx(answer, out)


def _write_xlsx(answer: ChartAnswer, out: IO[bytes]) -> None:
    import io

    import polars as pl

    made = io.BytesIO()
    # a workbook that Polars opens itself takes no text for a formula
    pl.concat(list(_readable(answer, "%Y-%m-%d %H:%M:%S"))).write_excel(made, worksheet="data", autofit=True)
    out.write(made.getvalue())


def _readable(answer: ChartAnswer, form: str = "%Y-%m-%dT%H:%M:%S%:z") -> Iterator[pl.DataFrame]:
    import polars as pl

    zone = answer.found.request.window.zone
    titles = _unique([column.name for column in answer.chart.meta])
    times = [column.name for column in answer.found.rows.columns if column.role is Role.time]
    moment = pl.from_epoch(pl.col(times), "ms").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    for frame in answer.frames():
        shown = frame.with_columns(moment.dt.strftime(form)) if times else frame
        yield shown.rename(dict(zip(shown.columns, titles, strict=True)))


def _unique(titles: list[str]) -> list[str]:
    return [f"{title} ({index + 1})" if title in titles[:index] else title for index, title in enumerate(titles)]
