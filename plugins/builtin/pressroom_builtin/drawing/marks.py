"""A plot's columns as numbers to place: categories and series as indices, stacked values as pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pressroom import Axis, Mark, Plot
from pressroom.locales import Locale
from pressroom_builtin.drawing.measure import fitted, one_line
from pressroom_builtin.drawing.ticks import LARGEST

Numbers = list[float | None]
LABEL = 11.0
"""Font size of labels."""
_ON_BANDS = ("bar", "rect")


@dataclass(frozen=True)
class Layer:
    """One mark, ready to place; lists are as long as the plot's columns.

    Attributes:
        x, y: numbers on the axes; indices on a band axis.
        x2, y2: where a stacked mark begins; empty otherwise.
        series: index into the names of all series; empty for a mark without.
    """

    mark: Mark
    x: Numbers
    y: Numbers
    x2: Numbers = field(default_factory=list)
    y2: Numbers = field(default_factory=list)
    series: Numbers = field(default_factory=list)


@dataclass(frozen=True)
class Prepared:
    """All marks of a plot.

    Attributes:
        x_places, y_places: the values of a band axis in order; None for a continuous one.
        names: of the series, in the legend's order.
    """

    layers: tuple[Layer, ...]
    x_places: list[object] | None
    y_places: list[object] | None
    names: tuple[str, ...]


def prepare(plot: Plot) -> Prepared:
    """The plot's marks as numbers.

    Raises:
        KeyError: a mark names a column that is not there.
    """
    names = _series_names(plot)
    x_places, y_places = _places(plot, "x"), _places(plot, "y")
    index = {name: number for number, name in enumerate(names)}
    layers = []
    for mark in plot.marks:
        x, y = _positions(plot, mark.x, x_places), _positions(plot, mark.y, y_places)
        series: Numbers = []
        if mark.series:
            values = plot.column(mark.series).values
            known = {value: index[_text(value)] for value in dict.fromkeys(values)}
            series = [known[value] for value in values]
        x2: Numbers = []
        y2: Numbers = []
        if mark.stack != "none" and mark.x and mark.y:
            if y_places is not None:
                x2, x = stacked(y, x, mark.stack)
            else:
                y2, y = stacked(x, y, mark.stack)
        layers.append(Layer(mark, x, y, x2, y2, series))
    return Prepared(tuple(layers), x_places, y_places, names)


def is_band(plot: Plot, axis: Axis, name: Literal["x", "y"]) -> bool:
    """True for an axis of categories, and for a time axis that bars stand on."""
    bars = any(mark.kind in _ON_BANDS and getattr(mark, name) for mark in plot.marks)
    return axis.kind == "category" or (axis.kind == "time" and bars)


def _series_names(plot: Plot) -> tuple[str, ...]:
    names = dict.fromkeys(_text(name) for name in plot.series_order)
    for column in {mark.series: None for mark in plot.marks if mark.series}:
        names.update(dict.fromkeys(_text(value) for value in dict.fromkeys(plot.column(column).values)))
    return tuple(names)


def _text(value: object) -> str:
    return one_line(str(value)) if value is not None else "–"


def _places(plot: Plot, name: Literal["x", "y"]) -> list[object] | None:
    axis = plot.x if name == "x" else plot.y
    if not is_band(plot, axis, name):
        return None
    columns = dict.fromkeys(getattr(mark, name) for mark in plot.marks if getattr(mark, name))
    seen = dict.fromkeys(value for column in columns for value in plot.column(column).values if value is not None)
    return sorted(seen, key=_number) if axis.kind == "time" else list(seen)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _positions(plot: Plot, column: str, places: list[object] | None) -> Numbers:
    if not column:
        return []
    values = plot.column(column).values
    if places is not None:
        index = {value: number for number, value in enumerate(places)}
        return [None if value is None else index[value] for value in values]
    return finite_numbers(values)


def finite_numbers(values: Sequence[object]) -> Numbers:
    """The values that can be placed; None for text, NaN and nulls."""
    return [
        value if isinstance(value, int | float) and -LARGEST <= value <= LARGEST else finite(value) for value in values
    ]


def texts(plot: Plot, name: str, locale: Locale, *, room: float = 120.0, unit: bool = True) -> list[str]:
    """A column's values as labels, empty for nulls; long texts are cut to so many pixels."""
    column = plot.column(name)
    if column.kind == "number":
        behind = one_line(column.unit) if unit else ""
        return ["" if value is None else locale.number(value, column.format, behind) for value in column.values]
    return ["" if v is None else fitted(one_line(str(v)), room, LABEL) for v in column.values]


def rounded(values: Numbers, origin: float, span: float) -> Numbers:
    """The values as seen from `origin`, with no more digits than a picture of this span shows."""
    digits = 4 - math.floor(math.log10(span)) if span > 0 else 0
    return [None if value is None else round(value - origin, digits) for value in values]


def finite(value: object) -> float | None:
    """A number that can be placed, infinite and huge ones at the edge; None for anything else."""
    if not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - isnan fails for huge ints
        return None
    return max(-LARGEST, min(LARGEST, value))


def stacked(
    places: Numbers, values: Numbers, how: Literal["none", "zero", "share", "center"]
) -> tuple[Numbers, Numbers]:
    """Where each value begins and ends when those of a place lie on each other, negative ones below zero.

    With `center` each has its middle on zero.
    """
    totals: dict[float | None, float] = {}
    if how == "share":
        for place, value in zip(places, values, strict=True):
            totals[place] = totals.get(place, 0.0) + abs(value or 0.0)
    reached: dict[tuple[float | None, bool], float] = {}
    lower: Numbers = []
    upper: Numbers = []
    for place, value in zip(places, values, strict=True):
        if value is not None and how == "center":
            lower.append(-value / 2)
            upper.append(value / 2)
            continue
        if value is None:
            lower.append(None)
            upper.append(None)
            continue
        amount = value / (totals[place] or 1.0) if how == "share" else value
        begin = reached.get((place, amount < 0), 0.0)
        reached[place, amount < 0] = begin + amount
        lower.append(begin)
        upper.append(begin + amount)
    return lower, upper
