"""Texts beside marks: values at the ends of bars, names at bubbles, titles of axes."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from pressroom import Mark, Plot
from pressroom.locales import Locale
from pressroom_builtin.drawing import marks
from pressroom_builtin.drawing.frame import BAND, FONT, LINE, Frame, Words
from pressroom_builtin.drawing.layout import thinned
from pressroom_builtin.drawing.marks import Layer, Prepared
from pressroom_builtin.drawing.measure import fitted, one_line, text_width
from pressroom_builtin.drawing.themes import Theme, between, on

_MAX_NAMES = 150
_MOST_LABELS, _ROUNDS = 0.75, 24
"""Share of a plot's width that values at bars may take, and rounds until what they lack is under a pixel."""


def beside(layer: Layer, prepared: Prepared) -> bool:
    """True for bars of several series that stand beside each other."""
    return layer.mark.kind == "bar" and layer.mark.stack == "none" and bool(layer.series) and len(prepared.names) > 1


def sizes(plot: Plot, mark: Mark) -> list[float]:
    """Amounts behind the areas of points; 0 where there is none."""
    return [abs(marks.finite(value) or 0.0) for value in plot.column(mark.size).values]


def largest_area(frame: Frame) -> float:
    """Area of the largest bubble, in square pixels as Vega counts."""
    return (min(*frame.inner) / 7) ** 2 * math.pi / 4 * 1.3


def titles(plot: Plot, frame: Frame, theme: Theme) -> list[Words]:
    """The axes' titles: the vertical one above its labels, so that it needs no turning."""
    if frame.x is None:
        return []
    width, height = frame.inner
    found = []
    if plot.y.title:
        text = fitted(one_line(plot.y.title), frame.width - 12, FONT)
        found.append(Words(4 - frame.left, -LINE + 2, text, "left", theme.muted))
    if plot.x.title:
        text = fitted(one_line(plot.x.title), width, FONT)
        below = height + LINE + 14
        found.append(Words(width / 2, below, text, "center", theme.muted))
    return found


def at_marks(plot: Plot, prepared: Prepared, frame: Frame, theme: Theme, locale: Locale) -> list[Words]:
    """The labels that marks ask for, as many as have room."""
    found: list[Words] = []
    for layer in prepared.layers:
        if not layer.mark.label or frame.x is None or frame.y is None:
            continue
        # the scale of colours says the unit
        texts = marks.texts(plot, layer.mark.label, locale, unit=layer.mark.kind != "rect")
        if layer.mark.kind == "rect":
            found += _in_cells(plot, layer, frame, texts, theme)
        elif layer.mark.kind == "text" and (prepared.x_places is not None or prepared.y_places is not None):
            found += _at_places(layer, prepared, frame, texts, theme)
        elif layer.mark.kind == "bar" and prepared.y_places is not None:
            if _make_room(layer, frame, texts):
                found += _bar_ends(layer, prepared, frame, texts, theme)
        else:
            found += _names(plot, layer, frame, texts, theme)
    return found


def _make_room(layer: Layer, frame: Frame, texts: list[str]) -> bool:
    """Widen the value scale so that the labels at the longest bars stay inside; False where they take too much."""
    scale = frame.x
    assert scale is not None
    width = frame.inner[0]
    ends = [
        (value, text_width(text, FONT) + 8)
        for value, text in zip(layer.x, texts, strict=True)
        if value is not None and text
    ]
    right = max((wide for value, wide in ends if value >= 0), default=0.0)
    left = max((wide for value, wide in ends if value < 0), default=0.0)
    if left + right > width * _MOST_LABELS:
        return False
    low, high = scale.domain
    # a wider scale makes every bar and its share smaller; each round leaves at most that share of the rest
    for _ in range(_ROUNDS):
        per_pixel = (high - low) / width
        low = min([low, *(value - wide * per_pixel for value, wide in ends if value < 0)])
        high = max([high, *(value + wide * per_pixel for value, wide in ends if value >= 0)])
    frame.x = thinned(dataclasses.replace(scale, domain=(low, high)), width)
    return True


def _bar_ends(layer: Layer, prepared: Prepared, frame: Frame, texts: list[str], theme: Theme) -> list[Words]:
    assert frame.x is not None
    assert frame.y is not None
    width, height = frame.inner
    step = height / frame.y.count
    parts = len(prepared.names) if beside(layer, prepared) else 1
    size = min(FONT, step / parts * 0.95)
    if size < 7:
        return []
    found = []
    for index, (value, place, text) in enumerate(zip(layer.x, layer.y, texts, strict=True)):
        if value is None or place is None or not text:
            continue
        y = frame.y.place(place, height)
        if parts > 1:
            part = step * (1 - BAND) / parts
            y += ((layer.series[index] or 0.0) - (parts - 1) / 2) * part
        end = frame.x.place(value, width)
        align: Literal["left", "right"] = "left" if value >= 0 else "right"
        found.append(Words(end + (4 if value >= 0 else -4), y, text, align, theme.muted, size))
    return found


def _at_places(layer: Layer, prepared: Prepared, frame: Frame, texts: list[str], theme: Theme) -> list[Words]:
    """Texts beyond the ends of bars, such as the totals of stacked ones; none where they have no room."""
    assert frame.x is not None
    assert frame.y is not None
    if prepared.y_places is not None:
        return _bar_ends(layer, prepared, frame, texts, theme) if _make_room(layer, frame, texts) else []
    width, height = frame.inner
    if not frame.x.count or max(text_width(text, FONT) + 5 for text in texts) > width / frame.x.count:
        return []
    low, high = frame.y.domain
    frame.y = dataclasses.replace(frame.y, domain=(low, high + (high - low) * LINE / height))
    found = []
    for x, y, text in zip(layer.x, layer.y, texts, strict=True):
        if x is not None and y is not None and text:
            at = height - frame.y.place(y, height) - 8
            found.append(Words(frame.x.place(x, width), at, text, "center", theme.muted))
    return found


def _in_cells(plot: Plot, layer: Layer, frame: Frame, texts: list[str], theme: Theme) -> list[Words]:
    """Values in the cells of a heat map, where all of them have room."""
    assert frame.x is not None
    assert frame.y is not None
    width, height = frame.inner
    wide, high = width / max(1, frame.x.count), height / max(1, frame.y.count)
    widest = max((text_width(text, 1.0) for text in texts), default=0.0)
    size = min(FONT, (wide - 4) / max(widest, 0.1), high * 0.8)
    if size < 7 or frame.shade is None:
        return []
    low, high = frame.shade.domain
    shades = marks.finite_numbers(plot.column(layer.mark.shade).values)
    found = []
    for x, y, text, shade in zip(layer.x, layer.y, texts, shades, strict=True):
        if x is not None and y is not None and shade is not None:
            color = on(between((shade - low) / (high - low), theme), theme)
            found.append(Words(frame.x.place(x, width), frame.y.place(y, height), text, "center", color, size))
    return found


def _covers(disc: tuple[float, float, float], x: float, y: float, half: float) -> bool:
    """Whether a bubble lies over the middle of a line of text, half as wide as `half`."""
    away = max(0.0, abs(disc[0] - x) - half)
    return math.hypot(away, max(0.0, abs(disc[1] - y) - 4)) < disc[2] - 1


def _names(plot: Plot, layer: Layer, frame: Frame, texts: list[str], theme: Theme) -> list[Words]:
    """Names above points, in the order of the data, those left out that would cover another name."""
    assert frame.x is not None
    assert frame.y is not None
    width, height = frame.inner
    amounts = sizes(plot, layer.mark) if layer.mark.size else [0.0] * len(texts)
    biggest, area = max(amounts, default=0.0) or 1.0, largest_area(frame)
    taken: list[tuple[float, float, float]] = []
    found: list[Words] = []
    discs = [
        (frame.x.place(x, width), height - frame.y.place(y, height), math.sqrt(max(10.0, area * amount / biggest)) / 2)
        if x is not None and y is not None
        else None
        for x, y, amount in zip(layer.x, layer.y, amounts, strict=True)
    ]
    for disc, text in zip(discs, texts, strict=True):
        if disc is None or not text or len(found) >= _MAX_NAMES:
            continue
        x, y, radius = disc
        half = text_width(text, FONT) / 2
        at_x = min(max(x, half), width - half)
        at_y = y - radius - 7 if y - radius - 7 >= 4 else y + radius + 7
        if any(abs(at_x - a) < half + b + 3 and abs(at_y - c) < 14 for a, b, c in taken):
            continue
        if any(other is not None and other is not disc and _covers(other, at_x, at_y, half) for other in discs):
            continue
        taken.append((at_x, half, at_y))
        found.append(Words(at_x, at_y, text, "center", theme.text))
    return found
