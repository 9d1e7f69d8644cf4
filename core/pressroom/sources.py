"""Data sources: the interface, what a source is asked (`Query`), and what comes back (`Dataset`)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from pressroom.context import Context
from pressroom.extension import C, Extension, PluginOptions
from pressroom.timerange import Window

if TYPE_CHECKING:
    import polars as pl

    from pressroom.models.dashboards import Chart, Dashboard

FRAME_ROWS = 100_000
"""Datasets up to this many rows are held as one frame; larger ones stay in their spool."""


class Role(StrEnum):
    """What a column is for."""

    time = "time"
    dimension = "dimension"
    metric = "metric"


class Kind(StrEnum):
    """What a column's values are, after the host has tidied the source's types.

    `time` is Datetime("ms", "UTC"), `number` is Int64 or Float64 (finite or null), `text` is String
    without control characters and lone surrogates. Other types of a source become one of these: booleans,
    lists, structs, binary and intervals become text, decimals become Float64.
    """

    time = "time"
    number = "number"
    text = "text"


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a dataset.

    Attributes:
        name: its name in the query or the metric's name.
        role: time, dimension or metric.
        kind: time, number or text.
        label: what people read; the name where nothing else is given.
        unit: such as `min`, `%`, `USD`; empty for none.
        format: a number format (see `pressroom.locales`); empty for the default.
        whole_days_only: the metric exists per whole day only (the computed-results API's hour rule).
        fill: `gap` keeps a bucket without a value empty, `zero` shows 0.
    """

    name: str
    role: Role
    kind: Kind
    label: str = ""
    unit: str = ""
    format: str = ""
    whole_days_only: bool = False
    fill: str = "gap"

    @property
    def title(self) -> str:
        """The label, else the name."""
        return self.label or self.name


class Spool(msgspec.Struct, frozen=True, kw_only=True):
    """Rows on disk: Arrow IPC files in order, named relative to the run's folder."""

    parts: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Dataset:
    """A query's answer.

    Attributes:
        columns: in the order in which they are shown.
        rows: how many there are.
        truncated: True where the row limit cut the answer; what shows the data must say so.
        spool: where the rows lie; None where they are only held in memory.
        folder: the run's folder, which the spool's names are relative to.
    """

    columns: tuple[Column, ...]
    rows: int
    truncated: bool = False
    spool: Spool | None = None
    folder: Path | None = None
    _frame: pl.DataFrame | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, frame: pl.DataFrame, columns: Sequence[Column], *, truncated: bool = False) -> Dataset:
        """A dataset held in memory; the frame has exactly these columns, in this order."""
        ordered = frame.select([column.name for column in columns])
        return cls(tuple(columns), ordered.height, truncated, _frame=ordered)

    def role(self, role: Role) -> tuple[Column, ...]:
        """The columns of one role, in order."""
        return tuple(column for column in self.columns if column.role is role)

    @property
    def time(self) -> Column | None:
        """The time column; None where there is none."""
        return next(iter(self.role(Role.time)), None)

    @property
    def dimensions(self) -> tuple[Column, ...]:
        """The dimension columns, without time."""
        return self.role(Role.dimension)

    @property
    def metrics(self) -> tuple[Column, ...]:
        """The metric columns."""
        return self.role(Role.metric)

    @property
    def large(self) -> bool:
        """True where the rows should be read in batches."""
        return self.rows > FRAME_ROWS

    def frame(self) -> pl.DataFrame:
        """All rows as one Polars frame. For large datasets use `batches`."""
        if self._frame is not None:
            return self._frame
        import polars as pl

        frames = list(self._stored())
        if frames:
            return pl.concat(frames, rechunk=False)
        return pl.DataFrame(schema=self._schema())

    def batches(self, rows: int = 50_000) -> Iterator[pl.DataFrame]:
        """The rows as frames of at most `rows` rows, in order; memory stays bounded."""
        frames = iter([self._frame]) if self._frame is not None else self._stored()
        for frame in frames:
            yield from frame.iter_slices(rows)

    def _stored(self) -> Iterator[pl.DataFrame]:
        import polars as pl

        if self.spool is None or self.folder is None:
            return
        names = [column.name for column in self.columns]
        for part in self.spool.parts:
            yield pl.read_ipc(self.folder / part).select(names)

    def _schema(self) -> dict[str, pl.DataType]:
        import polars as pl

        types: dict[Kind, pl.DataType] = {
            Kind.time: pl.Datetime("ms", "UTC"),
            Kind.number: pl.Float64(),
            Kind.text: pl.String(),
        }
        return {column.name: types[column.kind] for column in self.columns}


@dataclass(frozen=True)
class Query:
    """One question to a source.

    Attributes:
        text: as written in the definition, with `$__timeFilter(c)`, `$__timeGroup(c)`, `$__from`, `$__to`,
            `$__interval` and `$variable` in it. Sources of SQL compile it with `pressroom.macros.compile_query`;
            nothing of it may be pasted from a variable's value.
        window: the time range and its bucket edges; None for a question without time (a segment, the values
            of a variable).
        variables: chosen values by name, always text. An empty tuple matches nothing.
        max_rows: read no more than this; the host asks for one row more than the limit to see that
            something was cut.
        dashboard, chart: uids, for sources that hold whole dashboards; empty otherwise.
    """

    text: str
    window: Window | None = None
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    max_rows: int = 1_000_000
    dashboard: str = ""
    chart: str = ""


class ArrowStream(Protocol):
    """Anything that hands out Arrow data by the PyCapsule interface.

    A Polars frame, a PyArrow table or record batch, a DuckDB relation, an ADBC reader.
    """

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """A stream capsule, as the Arrow C data interface says."""


class Source(Extension[C, PluginOptions]):
    """A place that answers queries.

    One instance is used from several threads at a time.
    """

    timezone: str = "UTC"
    """Zone of the source's naive times."""
    time_format: Literal["auto", "iso", "s", "ms"] = "auto"
    """How its integer and text columns hold times."""
    dialect: str = ""
    """Name of its query language, for editors: `duckdb`, `sqlite`, `postgresql` ..."""

    @abstractmethod
    def query(self, query: Query, context: Context) -> Iterable[ArrowStream]:
        """Answer a question, in batches of some ten thousand rows so that memory stays bounded.

        All batches have the same columns. An answer without rows is one empty batch that still has its
        columns. The host reads at most `query.max_rows` rows and then closes the iterator.

        Args:
            query: what is asked.
            context: interrupt the query when `context.on_cancel` calls back; check its deadline.

        Raises:
            QueryError: the query is wrong or not allowed; the message is the source's own, cleaned of secrets.
            SourceError: the source is down; `transient=True` where asking again may help.
            TimedOut: the query was stopped at the deadline.
        """

    def fingerprint(self, query: Query) -> str:
        """A text that is equal for two queries exactly where their answers would be; equal ones are asked once.

        The default takes everything in the query. A source that knows its dialect leaves out what this
        text does not use, such as variables that it never names.
        """
        return repr((query.text, query.window, sorted(query.variables.items()), query.max_rows, query.chart))

    def revision(self) -> str:
        """A text that changes when the data does, where that is cheap to know: files' sizes and times.

        Kept answers of another revision are not used. Empty where it cannot be known without asking.
        """
        return ""

    def dashboards(self, context: Context) -> Sequence[Dashboard]:
        """Whole dashboards that the source offers; none by default.

        A dashboard's uid is looked up among the stored ones first, then here, in the order of the
        configuration.
        """
        return ()

    def dashboard(self, uid: str, context: Context) -> Dashboard | None:
        """One offered dashboard, or None."""
        return next((board for board in self.dashboards(context) if board.uid == uid), None)

    def chart(self, uid: str, context: Context) -> tuple[Dashboard, Chart] | None:
        """One chart of an offered dashboard, with that dashboard, whose range and zone it has; or None."""
        for offered in self.dashboards(context):
            board = self.dashboard(offered.uid, context) or offered
            for chart in board.charts:
                if chart.uid == uid:
                    return board, chart
        return None
