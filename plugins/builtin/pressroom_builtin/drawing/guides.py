"""The guides of a specification: axes, legend, texts; everything placed and written beforehand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pressroom import Plot
from pressroom_builtin.drawing.frame import FONT, GAP, LINE, SHADE_GAP, SHADE_WIDE, Frame, Scale, Words
from pressroom_builtin.drawing.themes import Theme

Spec = dict[str, Any]


def add_axes(layers: list[Spec], plot: Plot, frame: Frame) -> None:
    """The axes and the grid: the same on every layer, which share their scales."""
    assert frame.x is not None
    assert frame.y is not None
    both = any(mark.kind == "point" and mark.size for mark in plot.marks) or (
        plot.x.kind == plot.y.kind == "number" and not any(mark.kind == "bar" for mark in plot.marks)
    )
    on_side = bool(frame.y.count) and not frame.x.count
    for name, scale, grid in (("x", frame.x, on_side or both), ("y", frame.y, not frame.y.count)):
        axis: Spec = {
            "values": [value - scale.origin for value in scale.values],
            "labelExpr": _pick(scale),
            "grid": grid and not scale.count,
            "title": None,
            "labelFlush": False,
            "labelOverlap": False,
            "labelAngle": 0,
        }
        if scale.size != FONT:
            axis["labelFontSize"] = scale.size
        if scale.turned:
            axis.update(labelAngle=-45, labelAlign="right", labelBaseline="middle")
        if name == "x" and not on_side:
            axis.update(
                domain=True, ticks=not scale.count, tickSize=4, labelPadding=GAP - 3 if not scale.count else GAP
            )
        if (plot.x if name == "x" else plot.y).hidden:
            continue
        for layer in layers:
            if name in layer["encoding"]:
                layer["encoding"][name]["axis"] = axis


def _below(frame: Frame) -> float:
    """The legend's first line, from the plot's upper edge."""
    if frame.legend_at is not None:
        return frame.legend_at[1] - frame.top
    return frame.height - frame.top - _legend_height(frame) + LINE / 2


def _legend_height(frame: Frame) -> float:
    return (max(y for _, y, _, _ in frame.legend) + LINE + 2) if frame.legend else 0.0


def _legend_places(frame: Frame) -> list[tuple[float, float, int, str]]:
    begin = 10.0 if frame.legend_at is None else frame.legend_at[0]
    return [(x + begin - frame.left, y, number, text) for x, y, number, text in frame.legend]


def legend_words(frame: Frame, theme: Theme) -> list[Words]:
    """The names of the series in the legend."""
    below = _below(frame)
    return [Words(x + 12, below + y, text, "left", theme.text) for x, y, _, text in _legend_places(frame)]


def legend(frame: Frame, colors: Sequence[str]) -> list[Spec]:
    """The coloured dots of the legend, as a layer."""
    dots = [
        {"x": x + 2, "y": _below(frame) + y, "c": colors[number]}
        for x, y, number, _ in _legend_places(frame)
        if number >= 0
    ]
    if not dots:
        return []
    encoding = {**_pixels(), "color": {"field": "c", "type": "nominal", "scale": None}}
    mark = {"type": "point", "filled": True, "size": 64, "opacity": 1}
    return [{"data": {"values": dots, "format": {"parse": None}}, "mark": mark, "encoding": encoding}]


def _pixels() -> Spec:
    place = {"type": "quantitative", "scale": None, "axis": None, "stack": None}
    return {"x": {"field": "x", **place}, "y": {"field": "y", **place}}


def texts(words: list[Words]) -> Spec:
    """All texts outside of the axes, as one layer."""
    values = [
        {"x": round(w.x, 1), "y": round(w.y, 1), "t": w.text, "a": w.align, "c": w.color, "s": w.size} for w in words
    ]
    mark = {
        "type": "text",
        "align": {"expr": "datum.a"},
        "fontSize": {"expr": "datum.s"},
        "baseline": "middle",
    }
    encoding = {
        **_pixels(),
        "text": {"field": "t", "type": "nominal"},
        "color": {"field": "c", "type": "nominal", "scale": None},
    }
    return {"data": {"values": values, "format": {"parse": None}}, "mark": mark, "encoding": encoding}


def shade_legend(frame: Frame, scale: Scale) -> Spec | None:
    """The scale of a continuous colour, right of the plot."""
    if len(scale.values) < 2:
        return None
    first, step = scale.values[0], scale.values[1] - scale.values[0]
    return {
        "orient": "right",
        "offset": SHADE_GAP,
        "title": None,
        "gradientThickness": SHADE_WIDE,
        "gradientLength": min(140.0, frame.inner[1]),
        "values": list(scale.values),
        "labelExpr": f"{json.dumps(scale.labels)}[round((datum.value-({first!r}))/({step!r}))]",
        "labelOverlap": False,
        "labelSeparation": 0,
        "labelFontSize": FONT,
    }


def _pick(scale: Scale) -> str:
    """An expression for the label of a tick: Vega gives its place among all as a share."""
    return f"{json.dumps(scale.labels)}[round(datum.index*{max(1, len(scale.values) - 1)})]"
