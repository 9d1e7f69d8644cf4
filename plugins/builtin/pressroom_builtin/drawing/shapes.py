"""The marks of a plot as layers of a Vega-Lite specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pressroom import Plot
from pressroom_builtin.drawing import guides, labels, marks, polar, tips
from pressroom_builtin.drawing.frame import BAND, Frame, Scale
from pressroom_builtin.drawing.marks import Layer, Numbers, Prepared
from pressroom_builtin.drawing.themes import Theme

Spec = dict[str, Any]
_CORNER = 2
_THICKEST = 56
_MANY = 1000
_PARTED = 7
"""Pixels of a heat map's cells that are parted by a line."""


def layers(sketch: Sketch, *, live: bool) -> list[Spec]:
    """The layers of all marks that are shapes."""
    shapes = [layer for layer in sketch.prepared.layers if layer.mark.kind != "text"]
    if live:
        return [spec for layer in shapes for spec in _live(layer, sketch)]
    return [spec for layer in shapes for spec in _wide(layer, sketch) or [_layer(layer, sketch)]]


class Fields:
    """The columns of the one dataset, under short names, each list once."""

    def __init__(self, tips: list[str] | None) -> None:
        self.tips = tips
        self._names: dict[int, str] = {}
        self._held: list[Numbers] = []
        self._columns: list[Numbers] = []
        self.wide: dict[str, list[Spec]] = {}
        """Datasets of lines, one row a place."""

    def add(self, values: Numbers, scale: Scale | None = None) -> str:
        """The field that holds these values; those of a time axis are counted from its beginning."""
        known = id(values)
        if known not in self._names:
            self._names[known] = f"f{len(self._columns)}"
            self._held.append(values)
            if scale is not None and not scale.count:
                values = marks.rounded(values, scale.origin, scale.domain[1] - scale.domain[0])
            self._columns.append(values)
        return self._names[known]

    def rows(self) -> list[Spec]:
        """One object a row."""
        names, columns = list(self._names.values()), list[Sequence[Any]](self._columns)
        if self.tips is not None:
            names, columns = [*names, tips.FIELD], [*columns, self.tips]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


@dataclass(frozen=True)
class Sketch:
    """What every layer's specification is made of."""

    plot: Plot
    prepared: Prepared
    frame: Frame
    theme: Theme
    colors: list[str]
    fields: Fields


def _layer(layer: Layer, sketch: Sketch) -> Spec:
    mark, prepared, frame, fields = layer.mark, sketch.prepared, sketch.frame, sketch.fields
    if mark.kind == "arc":
        return _arcs(layer, sketch)
    encoding: Spec = {}
    for name, scale in (("x", frame.x), ("y", frame.y)):
        values: Numbers = getattr(layer, name)
        if values and scale is not None:
            encoding[name] = {"field": fields.add(values, scale), **_scale(scale)}
            begins: Numbers = getattr(layer, f"{name}2")
            if begins:
                encoding[f"{name}2"] = {"field": fields.add(begins, scale)}
    if layer.series:
        domain = list(range(len(sketch.colors)))
        field = {"field": fields.add(layer.series), "type": "nominal"}
        encoding["color"] = {**field, "scale": {"domain": domain, "range": sketch.colors}, "legend": None}
        if labels.beside(layer, prepared):
            offset = "yOffset" if prepared.y_places is not None else "xOffset"
            encoding[offset] = {**field, "scale": {"domain": domain, "paddingInner": 0.08}}
    if mark.kind in {"line", "area"}:
        encoding["order"] = {"value": None}
    encoding.update(_amounts(layer, sketch))
    return {"mark": _mark(layer, sketch), "encoding": encoding}


def _live(layer: Layer, sketch: Sketch) -> list[Spec]:
    """A layer that tells its values, with what is pointed at on its lines."""
    spec = _layer(layer, sketch)
    more = tips.layers(layer.mark.kind, spec["encoding"])
    if not more:
        spec["encoding"].update(tips.encoding_of())
    return [spec, *more]


def _arcs(layer: Layer, sketch: Sketch) -> Spec:
    """Slices with their angles worked out, in a dataset of their own."""
    disc, mark = sketch.frame.disc, layer.mark
    assert disc is not None
    parts = polar.slices(sketch.plot, layer)
    colors = sketch.colors if layer.series else [mark.color or sketch.theme.palette[0]]
    rows = [{"a": round(part.begin, 5), "b": round(part.end, 5), "c": colors[part.series]} for part in parts]
    if sketch.fields.tips is not None:
        rows = [{**row, tips.FIELD: sketch.fields.tips[part.row]} for row, part in zip(rows, parts, strict=True)]
    angle = {"type": "quantitative", "scale": None, "stack": None}
    inner, outer = (share * disc.radius for share in mark.ring)
    shape = {"type": "arc", "innerRadius": inner, "outerRadius": outer}
    if len(parts) > 1:
        shape.update(stroke=sketch.theme.panel, strokeWidth=1)
    return {
        "data": {"values": rows, "format": {"parse": None}},
        "mark": shape,
        "encoding": {
            "x": {"value": disc.x},
            "y": {"value": disc.y},
            "theta": {"field": "a", **angle},
            "theta2": {"field": "b"},
            "color": {"field": "c", "type": "nominal", "scale": None},
        },
    }


def _wide(layer: Layer, sketch: Sketch) -> list[Spec]:
    """Long lines over the same places as one layer each, which costs a third less; none for other marks."""
    x, y = sketch.frame.x, sketch.frame.y
    if layer.mark.kind != "line" or len(layer.series) < _MANY or x is None or y is None or x.count or y.count:
        return []
    across = marks.rounded(layer.x, x.origin, x.domain[1] - x.domain[0])
    up = marks.rounded(layer.y, y.origin, y.domain[1] - y.domain[0])
    rows: dict[float | None, Spec] = {}
    for place, value, series in zip(across, up, layer.series, strict=True):
        rows.setdefault(place, {"x": place})[f"s{series}"] = value
    numbers = sorted({int(series) for series in layer.series if series is not None})
    if len(rows) * len(numbers) != len(across) or any(len(row) <= len(numbers) for row in rows.values()):
        return []
    name = f"wide{len(sketch.fields.wide)}"
    sketch.fields.wide[name] = list(rows.values())
    return [
        {
            "data": {"name": name, "format": {"parse": None}},
            "mark": {**_mark(layer, sketch), "color": sketch.colors[number]},
            "encoding": {
                "x": {"field": "x", **_scale(x)},
                "y": {"field": f"s{number}", **_scale(y)},
                "order": {"value": None},
            },
        }
        for number in numbers
    ]


def _scale(scale: Scale) -> Spec:
    if scale.count:
        bands = {
            "type": "band",
            "domain": list(range(scale.count)),
            "paddingInner": scale.gap,
            "paddingOuter": scale.gap / 2,
        }
        return {"type": "ordinal", "scale": bands, "axis": None}
    domain = {"domain": [end - scale.origin for end in scale.domain], "nice": False, "zero": False}
    return {"type": "quantitative", "scale": domain, "axis": None, "stack": None}


def _amounts(layer: Layer, sketch: Sketch) -> Spec:
    """The channels of size and shade."""
    mark, plot, frame, fields = layer.mark, sketch.plot, sketch.frame, sketch.fields
    channels: Spec = {}
    if mark.size:
        sizes = labels.sizes(plot, mark)
        scale: Spec = {"domain": [0, max(sizes, default=0.0) or 1.0], "range": [10, labels.largest_area(frame)]}
        channels["size"] = {
            "field": fields.add([*sizes]),
            "type": "quantitative",
            "scale": scale,
            "legend": None,
        }
    if mark.shade and frame.shade is not None:
        values = marks.finite_numbers(plot.column(mark.shade).values)
        scale = {"domain": list(frame.shade.domain), "range": list(sketch.theme.ramp), "type": "linear"}
        channels["color"] = {
            "field": fields.add(values),
            "type": "quantitative",
            "scale": scale,
            "legend": guides.shade_legend(frame, frame.shade),
        }
    return channels


def _mark(layer: Layer, sketch: Sketch) -> Spec:
    mark, theme = layer.mark, sketch.theme
    spec: Spec = {"type": mark.kind}
    if mark.kind == "line":
        spec.update(strokeWidth=1.6, strokeJoin="round")
    elif mark.kind == "area":
        spec.update(fillOpacity=0.75 if mark.stack != "none" else 0.14, line=False)
    elif mark.kind == "point":
        spec.update(filled=True, opacity=0.7 if mark.size or mark.shade else 1)
        if mark.size or mark.shade:
            spec.update(stroke=theme.panel, strokeWidth=0.7)
        if not mark.size:
            spec["size"] = 70 if mark.shade else 22
    elif mark.kind == "bar":
        if mark.stack == "none":
            spec["cornerRadiusEnd"] = _CORNER
        if not labels.beside(layer, sketch.prepared):
            spec.update(_no_thicker(sketch.frame))
    elif mark.kind == "rect":
        spec.update(_parted(sketch))
    elif mark.kind == "rule":
        spec.update(strokeDash=[4, 3], color=theme.muted)
    if mark.color:
        spec["color"] = mark.color
    return spec


def _parted(sketch: Sketch) -> Spec:
    """A line between cells that are large enough for it."""
    scales = ((sketch.frame.x, sketch.frame.inner[0]), (sketch.frame.y, sketch.frame.inner[1]))
    small = any(scale is not None and length / max(1, scale.count) < _PARTED for scale, length in scales)
    return {} if small else {"stroke": sketch.theme.panel, "strokeWidth": 1}


def _no_thicker(frame: Frame) -> Spec:
    """A limit on the thickness of bars that have much room."""
    for scale, length, name in ((frame.y, frame.inner[1], "height"), (frame.x, frame.inner[0], "width")):
        if scale is not None and scale.count and length / scale.count * (1 - BAND) > _THICKEST:
            return {name: _THICKEST}
    return {}
