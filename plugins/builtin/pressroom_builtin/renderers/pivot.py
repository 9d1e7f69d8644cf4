"""A plot of several series as a table: a line for each place, a column for each series."""

from __future__ import annotations

from pressroom import Column, Kind, Mark, Plot, Role
from pressroom.locales import Locale
from pressroom.timerange import from_ms
from pressroom_builtin.drawing.timeticks import time_label
from pressroom_builtin.renderers.tables import NOTHING, Sheet

_SHAPES = ("line", "area", "bar")


def pivot(plot: Plot, locale: Locale, most: int) -> Sheet | None:
    """The table of what is drawn, its first `most` lines; None for a plot that is no series over an axis."""
    mark = next((mark for mark in plot.marks if mark.kind in _SHAPES and mark.series and mark.x and mark.y), None)
    if mark is None or not plot.series_order:
        return None
    sideways = plot.y.kind != "number"
    axis, values = (plot.y, plot.x) if sideways else (plot.x, plot.y)
    if axis.kind == "number":
        return None
    cells = _cells(plot, mark, sideways=sideways)
    rows = []
    for place, found in list(cells.items())[:most]:
        text = str(place)
        if axis.kind == "time" and isinstance(place, int | float):
            text = _moment(int(place), plot, locale)
        numbers = [found.get(name) for name in plot.series_order]
        rows.append([text, *(NOTHING if n is None else locale.number(n, values.format, values.unit) for n in numbers)])
    first = Column(name=axis.title or " ", role=Role.dimension, kind=Kind.text)
    series = [Column(name=name, role=Role.metric, kind=Kind.number) for name in plot.series_order]
    return Sheet((first, *series), rows, len(cells), False, plot.note)


def _moment(at: int, plot: Plot, locale: Locale) -> str:
    """A place on a time axis; hours with their day, which here no tick beside them tells."""
    if plot.bucket.endswith(("d", "w", "M")):
        return time_label(at, plot.zone, locale, plot.bucket)
    return locale.moment(from_ms(at), plot.zone)


def _cells(plot: Plot, mark: Mark, *, sideways: bool) -> dict[object, dict[str, float]]:
    """Values by place and series, in the order of the data; places without any value are left out."""
    places, values = (mark.y, mark.x) if sideways else (mark.x, mark.y)
    columns = (plot.column(name).values for name in (places, mark.series, values))
    found: dict[object, dict[str, float]] = {}
    for place, series, value in zip(*columns, strict=True):
        if isinstance(value, int | float) and place is not None:
            found.setdefault(place, {})[str(series)] = value
    timed = (plot.y if sideways else plot.x).kind == "time"
    return dict(sorted(found.items(), key=lambda item: float(str(item[0])))) if timed else found
