"""A chart's data with what belongs to it: the envelope, what identifies it, and what a reader must be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from pressroom import Role, UsageError
from pressroom_builtin.growingio import encode, wire
from pressroom_builtin.growingio.buckets import DAY, Asked
from pressroom_builtin.growingio.rows import MISSING, Form, Rows

if TYPE_CHECKING:
    import polars as pl

    from pressroom import ChartRows

EVERYBODY = "全部访问用户"
"""The audience of a chart that names no segment."""
RANKED = frozenset({"horizontal-bar", "two-way-bar"})
MOST_CELLS = 200_000
"""Of a workbook."""
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What a chart's data may be asked for as."""


@dataclass(frozen=True)
class ChartAnswer:
    """A chart's data as it is read, good while its context is open.

    Attributes:
        found: what the press gave.
        asked: what was asked for.
        audience: of the v2 path; empty for the first one.
    """

    found: ChartRows
    asked: Asked
    audience: str = ""

    @cached_property
    def rows(self) -> Rows:
        """The rows in the documented form."""
        kind = self.found.formatter
        form = Form(
            fill=kind.time_axis,
            ranked=kind.name in RANKED or (kind.name == "table" and self._by_metric),
            # the rule belongs to the first path
            hourly=self.asked.interval < DAY and not self.audience,
            audience=self.audience,
        )
        return Rows(self.found.rows, self.found.request.window, form)

    @property
    def _by_metric(self) -> bool:
        """Whether a table is ordered by its first metric."""
        return self.found.rows.time is None and self.found.chart.options.get("order") != "query"

    @cached_property
    def chart(self) -> wire.ChartData:
        """Everything but the rows."""
        scene, chart = self.found.scene, self.found.chart
        start, end = self.asked.range(scene.start, scene.end)
        plain = wire.ChartData(
            id=chart.uid,
            name=chart.name,
            start_time=start,
            end_time=end,
            interval=self.asked.interval,
            meta=self.rows.meta,
        )
        previous = self.found.request.previous
        if not self.audience or self.found.formatter.name != "number" or previous is None:
            return plain
        values = [_first(self.found.rows.frame(), self), _first(previous.frame(), self)]
        return wire.NumberData(**msgspec.structs.asdict(plain), aggregator=wire.Aggregator(values=values))

    @property
    def made_at(self) -> datetime:
        """When the source was asked."""
        return self.found.answer.made_at if self.found.answer else datetime.now(UTC)

    @property
    def expires(self) -> datetime:
        """Until when this answer counts."""
        return self.found.answer.expires if self.found.answer else datetime.now(UTC)

    @cached_property
    def tag(self) -> str:
        """Equal for answers that say the same; a range that nobody asked for moves on without a new tag."""
        chart = self.chart
        if self.asked.start is None:
            chart = msgspec.structs.replace(chart, start_time=0, end_time=0)
        parts = [
            msgspec.json.encode(chart),
            self.found.chart.model_dump_json().encode("utf-8", "replace"),
            repr(self.found.request.window.edges).encode(),
            (self.found.answer.digest if self.found.answer else "").encode(),
        ]
        return blake2b(b"\0".join(parts), digest_size=16).hexdigest()

    @property
    def warnings(self) -> list[str]:
        """What the body cannot say."""
        said = []
        if self.rows.zeroed:
            said.append(f"0 because they exist per whole day only: {', '.join(self.rows.zeroed)}")
        if self.rows.outside:
            said.append(f"{self.rows.outside} rows of the query lie in none of the buckets, and are left out")
        if self.rows.unordered:
            said.append(f"{self.found.rows.rows} rows are too many to be ordered: they are as the query gives them")
        if self.found.rows.truncated:
            said.append(f"the query gives more rows than the limit of {self.found.rows.rows}; the rest is left out")
        return said

    def whole(self) -> wire.ChartData:
        """The documented answer with all rows."""
        rows = (row for frame in self.rows.frames() for row in frame.iter_rows())
        data = [tuple(MISSING if cell is None else cell for cell in row) for row in rows]
        return msgspec.structs.replace(self.chart, data=data)

    def pieces(self, form: str, offset: int = 0, limit: int | None = None) -> Iterator[bytes]:
        """The answer as bytes; times are ms in JSON, and ISO 8601 in the dashboard's zone in files for people.

        Args:
            form: one of `MEDIA_TYPES`.
            offset, limit: which rows.

        Raises:
            UsageError: too many rows for a workbook.
        """
        if form == "xlsx":
            self._check_cells(offset, limit)
        frames = self.rows.frames(offset, limit)
        if form == "json":
            yield from encode.json_pieces(self.chart, frames)
        elif form == "ndjson":
            yield from encode.ndjson_pieces(frames)
        elif form == "csv":
            yield from encode.csv_pieces(self._readable(frames))
        else:
            yield encode.xlsx(self._readable(frames, "%Y-%m-%d %H:%M:%S"))

    def _check_cells(self, offset: int, limit: int | None) -> None:
        """A workbook is made in memory, some 400 bytes a cell, and takes its time."""
        left = max(0, self.rows.total - offset)
        rows, width = left if limit is None else min(limit, left), len(self.rows.columns)
        if rows * width > MOST_CELLS:
            raise UsageError(
                f"{rows} rows of {width} columns are too many for a workbook, which has at most {MOST_CELLS} cells; "
                f"ask for .csv, or for {MOST_CELLS // width} rows at a time with limit and cursor"
            )

    def _readable(self, frames: Iterator[pl.DataFrame], form: str = "%Y-%m-%dT%H:%M:%S%:z") -> Iterator[pl.DataFrame]:
        import polars as pl

        zone, columns = self.found.request.window.zone, self.rows.columns
        titles = _unique([column.name for column in self.chart.meta])
        times = [column.name for column in columns if column.role is Role.time]
        moment = pl.from_epoch(pl.col(times), "ms").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
        empty = True
        for frame in frames:
            empty = False
            shown = frame.with_columns(moment.dt.strftime(form).fill_null(MISSING)) if times else frame
            yield shown.rename(dict(zip(shown.columns, titles, strict=True)))
        if empty:
            yield pl.DataFrame(schema=dict.fromkeys(titles, pl.String))


def _first(frame: pl.DataFrame, answer: ChartAnswer) -> float:
    """The first metric's value; 0 where there is none."""
    name = answer.found.rows.metrics[0].name
    value = frame[name].to_list()[0] if frame.height and name in frame.columns else None
    return 0.0 if value is None else float(value)


def _unique(titles: list[str]) -> list[str]:
    return [f"{title} ({index + 1})" if title in titles[:index] else title for index, title in enumerate(titles)]
