"""Dashboards as people define them: charts on a 24-column grid, variables, a time range."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal

import msgspec
import pydantic

from pressroom.locales import check_format
from pressroom.models.values import Definition, Line, Prose, Uid, new_uid
from pressroom.timerange import TimeRange, check_interval, check_zone

COLUMNS = 24
"""Width of the grid."""


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """A place on the grid: columns from the left, rows from the top, width and height in cells."""

    x: int = 0
    y: int = 0
    w: int = 12
    h: int = 8


class GridDefinition(Definition):
    """A chart's place: `x` + `w` at most 24."""

    x: Annotated[int, pydantic.Field(ge=0, lt=COLUMNS)] = 0
    y: Annotated[int, pydantic.Field(ge=0, le=100_000)] = 0
    w: Annotated[int, pydantic.Field(ge=1, le=COLUMNS)] = 12
    h: Annotated[int, pydantic.Field(ge=1, le=1000)] = 8

    @pydantic.model_validator(mode="after")
    def _fits(self) -> GridDefinition:
        if self.x + self.w > COLUMNS:
            raise ValueError(f"x + w is {self.x + self.w}; the grid has {COLUMNS} columns")
        return self

    def place(self) -> Grid:
        """The same as plain data."""
        return Grid(x=self.x, y=self.y, w=self.w, h=self.h)


class Metric(Definition):
    """How a metric is shown, or computed.

    Attributes:
        name: a column of the query, or a new name where `expr` is given.
        label, unit, format: for people; format as in `pressroom.locales`.
        expr: arithmetic over the query's numeric columns and the other metrics, such as
            `total_delay / departures`; evaluated after the query, x/0 is null.
        whole_days_only: see `pressroom.sources.Column`.
        fill: `gap` or `zero`.
    """

    name: Annotated[str, pydantic.Field(min_length=1, max_length=200)]
    label: Line = ""
    unit: Line = ""
    format: str = ""
    expr: str = ""
    whole_days_only: bool = False
    fill: Literal["gap", "zero"] = "gap"

    @pydantic.field_validator("format")
    @classmethod
    def _format(cls, value: str) -> str:
        return check_format(value)


class DimensionDefinition(Definition):
    """A dimension column with a label: `carrier`, or `{name: carrier, label: Airline}`."""

    name: Annotated[str, pydantic.Field(min_length=1, max_length=200)]
    label: Line = ""

    @pydantic.model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @pydantic.model_serializer(mode="plain")
    def _shortest(self) -> Any:
        return {"name": self.name, "label": self.label} if self.label else self.name


class VariableQuery(Definition):
    """A variable's values from a query: its first column."""

    source: str
    query: str


class Variable(Definition):
    """A dashboard's variable; its values are text.

    Attributes:
        name: used as `$name` in queries.
        values: what may be chosen: a list, or a query.
        default: what is chosen where nobody chooses; the first value where empty.
        multi: several values at once.
        include_all: "all" may be chosen: every value.
        hidden: not shown on pages.
    """

    name: Annotated[str, pydantic.Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,49}$")]
    label: Line = ""
    values: list[str] | VariableQuery = []
    default: list[str] = []
    multi: bool = False
    include_all: bool = False
    hidden: bool = False

    @pydantic.field_validator("default", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class Chart(Definition):
    """A chart: a query to a source, shown as a type, in a place.

    Attributes:
        time, dimensions, metrics: name the columns' roles where the defaults do not fit (see the page on queries).
        interval: width of a time bucket, such as `1h`, `1d`, `1w`, `1M`; empty for one that fits the range.
        segment: uid of the segment that the chart is about (shown by the results API, not applied to the query).
        options: the chart type's own.
    """

    uid: Uid = pydantic.Field(default_factory=new_uid)
    name: Line = ""
    description: Prose = ""
    type: str
    source: str = ""
    query: str = ""
    time: str = ""
    dimensions: list[DimensionDefinition] = []
    metrics: list[Metric] = []
    interval: str = ""
    segment: str = ""
    options: dict[str, Any] = {}
    grid: GridDefinition = GridDefinition()

    @pydantic.field_validator("interval")
    @classmethod
    def _interval(cls, value: str) -> str:
        return check_interval(value) if value else value


class Dashboard(Definition):
    """A dashboard.

    Attributes:
        time_range: shown where nobody asks for another.
        timezone: of its time axes and relative ranges; empty for the project's.
        creator: who made it, for the results API; filled by the store.
    """

    uid: Uid = pydantic.Field(default_factory=new_uid)
    name: Line
    description: Prose = ""
    time_range: TimeRange = TimeRange(**{"from": "now-7d/d", "to": "now"})
    timezone: str = ""
    variables: list[Variable] = []
    charts: list[Chart] = []

    @pydantic.field_validator("timezone")
    @classmethod
    def _zone(cls, zone: str) -> str:
        return check_zone(zone) if zone else zone

    @pydantic.model_validator(mode="after")
    def _unique(self) -> Dashboard:
        for what, names in (
            ("chart uid", [chart.uid for chart in self.charts]),
            ("variable", [variable.name for variable in self.variables]),
        ):
            twice = sorted({name for name, count in Counter(names).items() if count > 1})
            if twice:
                raise ValueError(f"{what} {', '.join(twice)} is there twice")
        return self
