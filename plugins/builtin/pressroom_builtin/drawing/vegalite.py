"""`Plot` -> Vega-Lite: the one function that a faster drawer would replace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pressroom import Axis, Mark, Plot
from pressroom.timerange import from_ms, zone_info
from pressroom_builtin.drawing.fonts import FAMILY
from pressroom_builtin.drawing.themes import Theme


def vega_lite(plot: Plot, *, width: float, height: float, theme: Theme) -> dict[str, Any]:
    """The specification of a plot, `width` by `height` CSS pixels in all."""
    fields = {column.name: f"c{index}" for index, column in enumerate(plot.columns)}
    values = [_shifted(column.values, plot.zone) if column.kind == "time" else column.values for column in plot.columns]
    rows = [dict(zip(fields.values(), row, strict=True)) for row in zip(*values, strict=True)]
    return {
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": "transparent",
        "padding": 4,
        "data": {"values": rows},
        "layer": [_layer(mark, plot, fields, theme) for mark in plot.marks],
        "config": config(theme),
    }


def config(theme: Theme) -> dict[str, Any]:
    """Colours and sizes of a theme."""
    return {
        "aria": False,
        "font": FAMILY,
        "view": {"stroke": None},
        "axis": {
            "labelColor": theme.muted,
            "titleColor": theme.muted,
            "gridColor": theme.grid,
            "domainColor": theme.grid,
            "tickColor": theme.grid,
            "labelFontSize": 11,
            "titleFontWeight": "normal",
            "title": None,
        },
        "legend": {"labelColor": theme.text, "title": None, "orient": "bottom", "symbolType": "square", "columns": 6},
        "range": {"category": list(theme.palette), "ramp": list(theme.ramp)},
        "mark": {"color": theme.palette[0]},
        "text": {"color": theme.text},
    }


def _layer(mark: Mark, plot: Plot, fields: dict[str, str], theme: Theme) -> dict[str, Any]:
    encoding: dict[str, Any] = {}
    for channel, name, axis in (("x", mark.x, plot.x), ("y", mark.y, plot.y)):
        if name:
            encoding[channel] = _position(fields[name], axis)
    if mark.series:
        encoding["color"] = {"field": fields[mark.series], "type": "nominal", "sort": list(plot.series_order) or None}
        if plot.legend == "none":
            encoding["color"]["legend"] = None
    if mark.size:
        encoding["size"] = {"field": fields[mark.size], "type": "quantitative", "legend": None}
    if mark.shade:
        encoding["color"] = {"field": fields[mark.shade], "type": "quantitative"}
    if mark.label:
        encoding["text"] = {"field": fields[mark.label]}
    if mark.angle:
        encoding["theta"] = {"field": fields[mark.angle], "type": "quantitative"}
    return {"mark": {"type": mark.kind, **({"color": mark.color} if mark.color else {})}, "encoding": encoding}


def _position(field: str, axis: Axis) -> dict[str, Any]:
    if axis.kind == "time":
        return {"field": field, "type": "temporal", "scale": {"type": "utc"}, "axis": {"grid": False}}
    if axis.kind == "category":
        return {"field": field, "type": "ordinal", "sort": None, "axis": {"labelLimit": 160}}
    return {"field": field, "type": "quantitative", "scale": {"zero": axis.zero}}


def _shifted(values: list[Any], zone: str) -> list[Any]:
    """Epoch milliseconds whose UTC reading is the zone's wall clock: the drawer knows no zones."""
    info = zone_info(zone)

    def offset(moment: datetime) -> int:
        delta = moment.astimezone(info).utcoffset()
        return int(delta.total_seconds() * 1000) if delta else 0

    return [None if value is None else value + offset(from_ms(int(value))) for value in values]
