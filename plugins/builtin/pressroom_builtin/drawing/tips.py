"""What a plot tells where somebody points at it: worked out beforehand, in the reader's locale."""

from __future__ import annotations

from typing import Any

from pressroom import Axis, Mark, Plot
from pressroom.locales import Locale
from pressroom_builtin.drawing.measure import one_line
from pressroom_builtin.drawing.timeticks import time_label

FIELD = "tip"
"""Name of the field in every dataset of a live specification."""
_LONGEST = 200


def told(plot: Plot, locale: Locale) -> list[str]:
    """A text of some lines for every row of the plot; empty where there is nothing to tell."""
    count = max((len(column.values) for column in plot.columns), default=0)
    mark = next((mark for mark in plot.marks if mark.kind != "text"), None)
    # the parts of a scale have no names for people
    if mark is None or (mark.kind == "arc" and plot.x.domain is not None):
        return [""] * count
    return ["\n".join(line for line in _lines(plot, mark, row, locale) if line) for row in range(count)]


def _lines(plot: Plot, mark: Mark, row: int, locale: Locale) -> list[str]:
    if mark.kind == "arc":
        said = _text(plot, mark.label, row, locale, None) if mark.label != mark.angle else ""
        value = _text(plot, mark.angle, row, locale, None)
        return [_text(plot, mark.series, row, locale, None), value, said if said != value else ""]
    axes = {mark.x: plot.x, mark.y: plot.y}
    places = [name for name, axis in axes.items() if name and (axis.kind != "number")]
    values = [name for name, axis in axes.items() if name and axis.kind == "number"]
    if any(_value(plot, name, row) is None for name in axes if name):
        return []
    lines = [_text(plot, mark.label, row, locale, None)] if mark.kind == "point" and mark.label else []
    lines += [_text(plot, name, row, locale, axes[name]) for name in places]
    series = _text(plot, mark.series, row, locale, None) if mark.series and len(plot.series_order) != 1 else ""
    if mark.series and plot.series_order in (("+", "-"), ()):
        series = ""
    for name in values:
        label = series or (axes[name].title if len(values) > 1 else "")
        lines.append(_pair(label, _text(plot, name, row, locale, axes[name])))
    for name in (mark.size, mark.shade):
        if name and _value(plot, name, row) is not None:
            lines.append(_pair(plot.column(name).label, _text(plot, name, row, locale, None)))
    return lines


def _pair(label: str, text: str) -> str:
    label = one_line(label)
    return f"{label}: {text}" if label and text else text


def _value(plot: Plot, name: str, row: int) -> Any:
    values = plot.column(name).values
    return values[row] if row < len(values) else None


def _text(plot: Plot, name: str, row: int, locale: Locale, axis: Axis | None) -> str:
    if not name:
        return ""
    column, value = plot.column(name), _value(plot, name, row)
    if value is None:
        return ""
    if isinstance(value, str):
        return one_line(value)[:_LONGEST]
    if axis is not None and axis.kind == "time":
        return time_label(int(value), plot.zone, locale, plot.bucket)
    format, unit = column.format or (axis.format if axis else ""), column.unit or (axis.unit if axis else "")
    return locale.number(value, format, one_line(unit))


def layers(kind: str, encoding: dict[str, Any]) -> list[dict[str, Any]]:
    """What is pointed at beside a mark itself: the places on a line, and on the edge of an area."""
    if kind not in {"line", "area"}:
        return []
    kept = {name: channel for name, channel in encoding.items() if name in {"x", "y", "color"}}
    # nothing is seen of it, but it is found
    mark = {"type": "point", "filled": True, "size": 90, "opacity": 0}
    return [{"mark": mark, "encoding": {**kept, **encoding_of()}}]


def encoding_of() -> dict[str, Any]:
    """The channel that holds the text."""
    return {"tooltip": {"field": FIELD, "type": "nominal"}}
