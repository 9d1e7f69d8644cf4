"""Chart types: the interface, and `Figure`, what is drawn as plain data.

A Figure knows nothing of how it is drawn. `Plot` is small on purpose: one function of the built-in drawer
turns it into a Vega-Lite spec, so that a faster drawer can replace that one function. `VegaLite` is the
way out for plugin authors whose picture does not fit (users of Altair).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import msgspec

from pressroom.context import Context
from pressroom.errors import ChartError
from pressroom.extension import C, Extension, O
from pressroom.sources import Column, Dataset, Kind
from pressroom.timerange import Window

Value = float | int | str | None
"""A cell of a plot: numbers, text, null for a gap. Times are epoch milliseconds."""


class Axis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A position axis of a plot.

    Attributes:
        title: drawn beside the axis; empty for none.
        kind: `time` (epoch ms, labelled in the plot's zone), `category` (in the order of the data) or `number`.
        format: number format, see `pressroom.locales`.
        unit: appended to the labels.
        zero: whether the scale must include 0.
        domain: forces the two ends; None for the data's own.
        hidden: True for an axis without ticks and labels.
    """

    title: str = ""
    kind: Literal["time", "category", "number"] = "number"
    format: str = ""
    unit: str = ""
    zero: bool = True
    domain: tuple[float, float] | None = None
    hidden: bool = False


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One layer of a plot.

    Attributes:
        kind: `line`, `area`, `bar`, `point`, `arc`, `rect`, `rule` or `text`.
        x, y: names of columns; empty where the mark has none (an arc).
        series: column whose values become colours and the legend; empty for one colour.
        size: column for the area of points; empty for a fixed size.
        shade: number column for a continuous colour (a heat map, a bubble's fourth metric).
        label: column whose values are written at the mark. A text without a place is written in the middle of
            arcs: its first value, with its column's label under it.
        angle: column for the angle of arcs, in proportion; they lie one after the other.
        ring: where arcs begin and end between the centre (0) and the edge (1).
        stack: `none` lays the series over or beside each other, `zero` stacks, `share` stacks to 100 %, `center`
            puts bars with their middle on 0.
        color: a CSS colour that wins over the theme's, for marks without series.
    """

    kind: Literal["line", "area", "bar", "point", "arc", "rect", "rule", "text"]
    x: str = ""
    y: str = ""
    series: str = ""
    size: str = ""
    shade: str = ""
    label: str = ""
    angle: str = ""
    ring: tuple[float, float] = (0.0, 1.0)
    stack: Literal["none", "zero", "share", "center"] = "none"
    color: str = ""


class PlotColumn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One column of a plot's data; all columns of a plot are equally long."""

    name: str
    kind: Kind
    values: list[Value]
    label: str = ""
    unit: str = ""
    format: str = ""


class Plot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="plot"):
    """Marks over typed columns.

    Attributes:
        columns: the data, reduced to what can be seen.
        marks: drawn in this order.
        x, y: the position axes. Plots of arcs have none; where those are no full circle, the ends of x's `domain`
            are written at theirs.
        zone: IANA zone of time axes.
        bucket: width of a time bucket, such as `1d`, for the labels' format; empty where unknown.
        series_order: values of the series column in the legend's order; empty for the data's own.
        colors: of the series, in that order: a CSS colour, or `good`, `bad`, `warning`, `grid`, `muted` for the
            theme's; empty ones take the theme's next. Empty for the theme's palette.
        turn: degrees clockwise from the top at which arcs begin and end.
        legend: `none`, `bottom` or `right`; plots of arcs only have it on the right.
        note: a sentence under the plot, such as how many points were left out.
    """

    columns: tuple[PlotColumn, ...]
    marks: tuple[Mark, ...]
    x: Axis = Axis()
    y: Axis = Axis()
    zone: str = "UTC"
    bucket: str = ""
    series_order: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    turn: tuple[float, float] = (0.0, 360.0)
    legend: Literal["none", "bottom", "right"] = "none"
    note: str = ""

    def column(self, name: str) -> PlotColumn:
        """The column of that name.

        Raises:
            KeyError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


class Table(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="table"):
    """A table; the rows stay in the panel's dataset, so a long one is never copied into the figure.

    Attributes:
        columns: names of the dataset's columns to show, in order; empty for all.
        note: a sentence under the table.
    """

    columns: tuple[str, ...] = ()
    note: str = ""


class Number(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="number"):
    """One or a few large numbers.

    Attributes:
        items: shown side by side.
    """

    class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
        """A value (null for none) with its label, unit and format.

        Attributes:
            previous: the period before.
            better: which direction of change is good news, and so its colour.
        """

        value: float | int | str | None
        label: str = ""
        unit: str = ""
        format: str = ""
        previous: float | int | None = None
        better: Literal["higher", "lower", "neither"] = "neither"

    items: tuple[Item, ...]


class Text(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="text"):
    """Markdown, shown as headings, paragraphs, lists, emphasis and links; HTML in it is shown as text."""

    markdown: str


class VegaLite(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="vega-lite"):
    """A Vega-Lite specification with its data inline; addresses in it are never fetched."""

    spec: dict[str, Any]


Figure = Plot | Table | Number | Text | VegaLite
"""What a panel shows."""


@dataclass(frozen=True)
class Request:
    """What a chart is asked for.

    Attributes:
        uid, title: of the chart.
        window: time range and buckets of the answer.
        previous: the same query's rows over the period before; only where `ChartFormatter.compares` says so.
        missing: what stands for a missing dimension value.
        variables: chosen values by name, hidden variables too. Anybody who may look may have chosen them.
        locale: BCP 47 tag for the words that the chart adds, such as a note on what was left out.
    """

    uid: str
    title: str
    window: Window
    previous: Dataset | None = None
    missing: str = "n/a"
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    locale: str = "en"


class ChartFormatter(Extension[C, O]):
    """A chart type: which rows it gives and how it looks. Used from several threads; keeps no state."""

    time_axis: ClassVar[bool] = False
    """True where the query is cut into the buckets of an interval; False for one bucket over the range."""
    asks: ClassVar[Literal["always", "maybe"]] = "always"
    """`maybe` where a chart may have no source and no query; it is then given a dataset without rows and columns."""
    needs: ClassVar[str] = ""
    """What a dataset must have, in words: `one dimension and 2 to 4 metrics`."""

    def compares(self, options: O) -> bool:
        """Whether the query is asked a second time, for the period before."""
        return False

    @abstractmethod
    def rows(self, dataset: Dataset, options: O, request: Request) -> Dataset:
        """The chart's rows: the columns in the documented order, sorted and cut as the type says.

        Datasets that are `large` keep the query's order.

        Raises:
            ChartError: the dataset does not fit; use `misfit`.
        """

    @abstractmethod
    def figure(self, rows: Dataset, options: O, request: Request, context: Context) -> Figure:
        """What is drawn of the rows that `rows` gave.

        Raises:
            ChartError: they cannot be drawn.
        """

    def misfit(self, dataset: Dataset, request: Request) -> ChartError:
        """The error for a dataset that does not fit, with what is needed and what the query gives."""
        return ChartError(
            f"chart {request.uid} ({self.name}): needs {self.needs}; "
            f"the query gives {len(dataset.dimensions)} and {len(dataset.metrics)}"
        )


def plot_column(column: Column, values: list[Value]) -> PlotColumn:
    """A plot's column with the label, unit and format of a dataset's."""
    return PlotColumn(
        name=column.name,
        kind=column.kind,
        values=values,
        label=column.title,
        unit=column.unit,
        format=column.format,
    )
