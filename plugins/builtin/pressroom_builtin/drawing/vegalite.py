"""`Plot` -> Vega-Lite: the one function that a faster drawer would replace.

The specification is lean because drawing is the larger half of a report's cost: the data once, as numbers;
scales, ticks and labels worked out beforehand; a legend of plain marks; no transforms, no second layout.
"""

from __future__ import annotations

from typing import Any

from pressroom import Plot
from pressroom.locales import Locale
from pressroom_builtin.drawing import guides, labels, marks, polar, shapes, tips
from pressroom_builtin.drawing.fonts import FAMILY
from pressroom_builtin.drawing.frame import FONT, GAP
from pressroom_builtin.drawing.layout import lay_out
from pressroom_builtin.drawing.shapes import Fields, Sketch
from pressroom_builtin.drawing.themes import Theme, series_colors

Spec = dict[str, Any]


def vega_lite(plot: Plot, *, width: float, height: float, theme: Theme, locale: Locale, live: bool = False) -> Spec:
    """The specification of a plot, `width` by `height` CSS pixels in all.

    Args:
        live: for a page that can be pointed at: what is under the pointer tells its values.

    Raises:
        KeyError: a mark names a column that is not there.
    """
    prepared = marks.prepare(plot)
    colors = series_colors(len(prepared.names), plot.colors, theme)
    if polar.is_polar(plot):
        frame = polar.lay_out(plot, prepared, width, height, locale)
        written = polar.words(plot, prepared, frame, polar.Pen(colors, theme, locale))
    else:
        frame = lay_out(plot, prepared, width, height, locale)
        written = labels.at_marks(plot, prepared, frame, theme, locale)
    inner_width, inner_height = frame.inner
    fields = Fields(tips.told(plot, locale) if live else None)
    layers = shapes.layers(Sketch(plot, prepared, frame, theme, colors, fields), live=live)
    if frame.x is not None and frame.y is not None:
        guides.add_axes(layers, plot, frame)
    layers += guides.legend(frame, colors)
    words = written + labels.titles(plot, frame, theme) + guides.legend_words(frame, theme)
    if words:
        layers.append(guides.texts(words))
    return {
        "width": inner_width,
        "height": inner_height,
        "autosize": "none",
        "padding": {"left": frame.left, "top": frame.top, "right": frame.right, "bottom": frame.bottom},
        "background": None,
        "data": {"values": fields.rows(), "format": {"parse": None}},
        "datasets": fields.wide,
        "layer": layers,
        # texts have colours of their own, which are on no scale
        **({"resolve": {"scale": {"color": "independent"}}} if frame.shade is not None else {}),
        "config": config(theme),
    }


def config(theme: Theme) -> Spec:
    """Fonts, sizes and colours of a theme."""
    return {
        "aria": False,
        "font": FAMILY,
        "background": None,
        "view": {"stroke": None},
        "axis": {
            "labelColor": theme.muted,
            "labelFontSize": FONT,
            "labelPadding": GAP,
            "labelLimit": 0,
            "titleColor": theme.muted,
            "titleFontWeight": "normal",
            "gridColor": theme.grid,
            "domainColor": theme.grid,
            "domain": False,
            "ticks": False,
        },
        "legend": {"labelColor": theme.muted, "titleColor": theme.muted, "titleFontWeight": "normal"},
        "title": {"color": theme.text},
        "range": {"category": list(theme.palette), "ramp": list(theme.ramp), "heatmap": list(theme.ramp)},
        "mark": {"color": theme.palette[0]},
        "text": {"color": theme.text},
    }
