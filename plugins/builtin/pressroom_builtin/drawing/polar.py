"""Plots of arcs: where the circle, its slices, their labels and the legend go, worked out beforehand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pressroom import Mark, Plot
from pressroom.locales import Locale
from pressroom_builtin.drawing import marks
from pressroom_builtin.drawing.frame import FONT, LINE, Disc, Frame, Words
from pressroom_builtin.drawing.layout import legend
from pressroom_builtin.drawing.marks import Layer, Prepared
from pressroom_builtin.drawing.measure import fitted, one_line, text_width
from pressroom_builtin.drawing.themes import Theme, on

_EDGE = 6.0
_WIDE = 1.25
"""From this width to a pixel of height on, the legend stands at the right."""
_BESIDE, _BETWEEN = 0.5, 24.0
"""Share of the width that the legend takes at most, and pixels between it and the circle."""
_LARGEST, _SMALLEST = 44.0, 9.0
"""Of the text in the middle."""


@dataclass(frozen=True)
class Slice:
    """One arc: the row it shows, the number of its series, and where it begins and ends in radians from the top."""

    row: int
    series: int
    begin: float
    end: float

    @property
    def middle(self) -> float:
        """Half-way between its ends."""
        return (self.begin + self.end) / 2


def is_polar(plot: Plot) -> bool:
    """True for a plot of arcs, with texts at most."""
    kinds = {mark.kind for mark in plot.marks}
    return "arc" in kinds and kinds <= {"arc", "text"}


def slices(plot: Plot, layer: Layer) -> list[Slice]:
    """The arcs of a mark, one after the other over the plot's turn; nothing for nulls, zeros and negative values."""
    known = [marks.finite(value) or 0.0 for value in plot.column(layer.mark.angle).values]
    largest = max(known, default=0.0)
    if largest <= 0:
        return []
    # shares of the largest: a sum of huge values would not be finite
    parts = [max(0.0, value) / largest for value in known]
    total, reached = math.fsum(parts), 0.0
    first, last = (math.radians(degrees) for degrees in plot.turn)
    found = []
    for row, part in enumerate(parts):
        if part > 0:
            begin, end = (first + (last - first) * share for share in (reached / total, (reached + part) / total))
            number = int(layer.series[row] or 0) if layer.series else 0
            found.append(Slice(row, number, begin, end))
            reached += part
    return found


def lay_out(plot: Plot, prepared: Prepared, width: float, height: float, locale: Locale) -> Frame:
    """Margins, the circle and the legend of a plot of this size."""
    frame = Frame(width, height, left=_EDGE, top=_EDGE, right=_EDGE, bottom=_EDGE)
    if _has_ends(plot):
        frame.bottom += LINE
    names = _legend_names(plot, prepared, locale)
    if plot.legend == "none" or not names:
        frame.disc = _disc(plot.turn, frame)
    elif width >= height * _WIDE:
        _beside(plot, names, frame)
    else:
        if height >= 90:
            frame.legend, taken = legend([_joined(*name) for name in names], width - 12)
            frame.bottom += taken
        frame.disc = _disc(plot.turn, frame)
    return frame


def _beside(plot: Plot, names: Sequence[tuple[str, str]], frame: Frame) -> None:
    """The legend right of the circle, both together in the middle."""
    most = max(1, int((frame.height - 4) / LINE))
    room = frame.width * _BESIDE - 14
    labels = [_joined(fitted(name, room - text_width(f"  {said}", FONT), FONT), said) for name, said in names]
    entries = [(number, label) for number, label in enumerate(labels)]
    if len(entries) > most:
        entries = [*entries[: most - 1], (-1, f"+{len(labels) - most + 1}")]
    wide = max(text_width(label, FONT) for _, label in entries) + 16
    frame.right += wide + _BETWEEN
    frame.disc = _disc(plot.turn, frame)
    spare = (frame.inner[0] - 2 * frame.disc.radius) / 2
    frame.left += spare / 2
    frame.right -= spare / 2
    frame.legend = [(0.0, line * LINE, number, label) for line, (number, label) in enumerate(entries)]
    x = frame.left + frame.disc.x - spare / 2 + frame.disc.radius + _BETWEEN
    frame.disc = Disc(frame.disc.x - spare / 2, frame.disc.y, frame.disc.radius)
    frame.legend_at = (x, max(LINE / 2 + 2, frame.height / 2 - (len(entries) - 1) * LINE / 2))


def _disc(turn: tuple[float, float], frame: Frame) -> Disc:
    """The largest circle whose arcs have room."""
    first, last = (math.radians(degrees) for degrees in turn)
    edges = [first, last, *(quarter * math.pi / 2 for quarter in range(-8, 9))]
    seen = [(0.0, 0.0)] + [(math.sin(at), -math.cos(at)) for at in edges if first - 1e-9 <= at <= last + 1e-9]
    left, right = min(x for x, _ in seen), max(x for x, _ in seen)
    top, bottom = min(y for _, y in seen), max(y for _, y in seen)
    width, height = frame.inner
    radius = max(4.0, min(width / (right - left), height / (bottom - top)))
    return Disc((width - (left + right) * radius) / 2, (height - (top + bottom) * radius) / 2, radius)


def _has_ends(plot: Plot) -> bool:
    return plot.x.domain is not None and plot.turn[1] - plot.turn[0] < 360


def _legend_names(plot: Plot, prepared: Prepared, locale: Locale) -> list[tuple[str, str]]:
    """The series' names, and what is written at their slices."""
    said: dict[int, str] = {}
    for layer in prepared.layers:
        if layer.mark.kind == "arc" and layer.mark.label and layer.series:
            texts = marks.texts(plot, layer.mark.label, locale)
            for number, text in zip(layer.series, texts, strict=True):
                said.setdefault(int(number or 0), text)
    return [(name, said.get(number, "")) for number, name in enumerate(prepared.names)]


def _joined(name: str, said: str) -> str:
    return f"{name}  {said}" if said else name


@dataclass(frozen=True)
class Pen:
    """How texts are written: over the colours of the series, in a theme and a locale."""

    colors: Sequence[str]
    theme: Theme
    locale: Locale


def words(plot: Plot, prepared: Prepared, frame: Frame, pen: Pen) -> list[Words]:
    """Everything written in and at the circle: slices that have room, the middle, the ends of the scale."""
    assert frame.disc is not None
    found: list[Words] = []
    rings = [layer.mark.ring for layer in prepared.layers if layer.mark.kind == "arc"]
    for layer in prepared.layers:
        if layer.mark.kind == "text" and layer.mark.label:
            found += _middle(plot, layer.mark, min(inner for inner, _ in rings), frame.disc, pen)
        elif layer.mark.label:
            found += _at_slices(plot, layer, frame.disc, pen)
    if _has_ends(plot):
        found += _ends(plot, rings[0], frame, pen)
    return found


def _at_slices(plot: Plot, layer: Layer, disc: Disc, pen: Pen) -> list[Words]:
    texts = marks.texts(plot, layer.mark.label, pen.locale)
    inner, outer = (share * disc.radius for share in layer.mark.ring)
    found = []
    for part in slices(plot, layer):
        middle = (inner + outer) / 2 if inner else outer * 0.64
        x, y = math.sin(part.middle) * middle, -math.cos(part.middle) * middle
        half = text_width(texts[part.row], FONT) / 2 + 2
        corners = [(x + a, y + b) for a in (-half, half) for b in (-7, 7)]
        if texts[part.row] and all(_inside(corner, part, inner, outer) for corner in corners):
            color = on(pen.colors[part.series], pen.theme) if layer.series else pen.theme.text
            found.append(Words(disc.x + x, disc.y + y, texts[part.row], "center", color))
    return found


def _inside(point: tuple[float, float], part: Slice, inner: float, outer: float) -> bool:
    x, y = point
    if not inner <= math.hypot(x, y) <= outer:
        return False
    away = (math.atan2(x, -y) - part.middle + math.pi) % (2 * math.pi) - math.pi
    return abs(away) <= (part.end - part.begin) / 2


def _middle(plot: Plot, mark: Mark, inner: float, disc: Disc, pen: Pen) -> list[Words]:
    """The first value of the text's column as large as there is room, and the column's label under it."""
    texts = marks.texts(plot, mark.label, pen.locale, room=1e9)
    caption, room = one_line(plot.column(mark.label).label), 2 * inner * disc.radius * 0.86
    text = texts[0] if texts else ""
    size = max(_SMALLEST, min(_LARGEST, disc.radius * 0.42, room / max(text_width(text, 1.0), 0.1)))
    full = plot.turn[1] - plot.turn[0] >= 360
    y = disc.y - (LINE / 2 if caption else 0.0) if full else disc.y - size * 0.55
    below = y + size * 0.5 + LINE * 0.55 if full else disc.y + LINE * 0.7
    found = [Words(disc.x, y, fitted(text, max(room, 24.0), size), "center", pen.theme.text, size)]
    if _has_ends(plot):
        # the ends of the scale stand on the same line
        room = min(
            room, (1 + inner) * disc.radius - sum(text_width(end, FONT) for end in _end_texts(plot, disc, pen)) - 12
        )
    if caption and room > 30:
        found.append(Words(disc.x, below, fitted(caption, room, FONT), "center", pen.theme.muted))
    return found


def _end_texts(plot: Plot, disc: Disc, pen: Pen) -> list[str]:
    unit = one_line(plot.x.unit)
    return [
        fitted(pen.locale.number(value, plot.x.format, unit), disc.radius * 0.8, FONT) for value in plot.x.domain or ()
    ]


def _ends(plot: Plot, ring: tuple[float, float], frame: Frame, pen: Pen) -> list[Words]:
    disc, found = frame.disc, []
    assert disc is not None
    for text, degrees in zip(_end_texts(plot, disc, pen), plot.turn, strict=True):
        half = text_width(text, FONT) / 2
        at, middle = math.radians(degrees), (ring[0] + ring[1]) / 2 * disc.radius
        x = min(max(disc.x + math.sin(at) * middle, half - frame.left), frame.width - frame.left - half)
        found.append(Words(x, disc.y - math.cos(at) * middle + LINE * 0.7, text, "center", pen.theme.muted))
    return found
