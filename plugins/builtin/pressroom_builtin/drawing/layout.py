"""Where everything of a plot goes, in CSS pixels: margins, ticks, labels, legend. Nothing is ever clipped."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal

from pressroom import Axis, Plot
from pressroom.locales import Locale
from pressroom_builtin.drawing.frame import (
    FONT,
    GAP,
    LINE,
    MAX_LINES,
    SHADE_GAP,
    SHADE_WIDE,
    TOUCHING,
    Frame,
    Scale,
)
from pressroom_builtin.drawing.marks import Layer, Numbers, Prepared, finite_numbers
from pressroom_builtin.drawing.measure import fitted, one_line, text_width
from pressroom_builtin.drawing.ticks import number_ticks
from pressroom_builtin.drawing.timeticks import time_label, time_ticks

_TURNED = 0.71
_SAMPLE = datetime(2013, 12, 28, tzinfo=UTC)
_SEASON = 90 * 86_400_000


def lay_out(plot: Plot, prepared: Prepared, width: float, height: float, locale: Locale) -> Frame:
    """Margins, scales and the legend of a plot of this size."""
    frame = Frame(width, height)
    if plot.legend != "none" and prepared.names and height >= 90:
        frame.legend, taken = legend(prepared.names, width - 12)
        frame.bottom += taken
    frame.shade = _shade_scale(plot, locale)
    if frame.shade is not None:
        frame.right += SHADE_GAP + SHADE_WIDE + frame.shade.room + 2
    if plot.y.title:
        frame.top += LINE
    if plot.x.title:
        frame.bottom += LINE
    if not plot.x.hidden:
        frame.bottom += LINE + GAP
    frame.y = _y_scale(plot, prepared, frame, locale)
    frame.left += frame.y.room + GAP
    frame.x = _x_scale(plot, prepared, frame, locale)
    if frame.x.turned and not plot.x.hidden:
        frame.bottom += min(frame.x.room * _TURNED, frame.height * 0.4) + 2 - LINE / 2
    if not plot.x.hidden:
        _widen(frame)
    if any(mark.kind == "rect" for mark in plot.marks):
        frame.x, frame.y = (dataclasses.replace(scale, gap=TOUCHING) for scale in (frame.x, frame.y))
    return frame


def legend(names: Sequence[str], width: float) -> tuple[list[tuple[float, float, int, str]], float]:
    """Items from left to right, on at most MAX_LINES lines; and the height taken."""
    items: list[tuple[float, float, int, str]] = []
    x, line = 0.0, 0
    for number, name in enumerate(names):
        label = fitted(name, min(220.0, width - 20), FONT)
        wide = 14 + text_width(label, FONT) + 16
        if x and x + wide > width:
            x, line = 0.0, line + 1
        if line == MAX_LINES:
            items[-1] = (*items[-1][:2], -1, f"+{len(names) - number + 1}")
            break
        items.append((x, line * LINE, number, label))
        x += wide
    return items, min(line + 1, MAX_LINES) * LINE + 8


def extent(values: Sequence[Numbers], zero: bool) -> tuple[float, float]:
    """The smallest and the largest of all numbers; 0 to 1 where there are none."""
    known = [value for numbers in values for value in numbers if value is not None]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    return (min(low, 0.0), max(high, 0.0)) if zero else (low, high)


def _continuous(axis: Axis, layers: Sequence[Layer], name: Literal["x", "y"], most: int, locale: Locale) -> Scale:
    values = [numbers for layer in layers for numbers in (getattr(layer, name), getattr(layer, f"{name}2"))]
    on_ground = any(layer.mark.kind in {"bar", "area"} for layer in layers)
    share = any(layer.mark.stack == "share" for layer in layers)
    low, high = axis.domain or extent(values, axis.zero or on_ground)
    if share:
        high, low = max(high, 1e-9), (0.0 if low > -1e-9 else low)
    format, unit = ("0%", "") if share else (axis.format, axis.unit)
    ticks = number_ticks(
        min(low, high), max(low, high), most, locale, format=format, unit=one_line(unit), nice=axis.domain is None
    )
    return Scale(0, ticks.domain, ticks.values, tuple(fitted(label, 120, FONT) for label in ticks.labels))


def _y_scale(plot: Plot, prepared: Prepared, frame: Frame, locale: Locale) -> Scale:
    height = frame.inner[1]
    if prepared.y_places is None:
        return _continuous(plot.y, prepared.layers, "y", max(2, min(8, int(height / 38))), locale)
    count = max(1, len(prepared.y_places))
    size = max(7.0, min(FONT, height / count * 0.85))
    step = max(1, -(-int(size * count * 1.05) // max(1, int(height))))
    room = frame.width * 0.36
    shown = range(0, len(prepared.y_places), step)
    labels = tuple(fitted(_place_text(prepared.y_places[n], plot, plot.y, locale), room, size) for n in shown)
    return Scale(count, (0.0, float(count)), tuple(map(float, shown)), labels, size=size)


def _shade_scale(plot: Plot, locale: Locale) -> Scale | None:
    for mark in plot.marks:
        if mark.shade:
            column = plot.column(mark.shade)
            low, high = extent([finite_numbers(column.values)], zero=False)
            unit = one_line(column.unit)
            ticks = number_ticks(low, high, 4, locale, format=column.format, unit=unit, nice=False)
            return Scale(0, ticks.domain, ticks.values, ticks.labels)
    return None


def _place_text(place: object, plot: Plot, axis: Axis, locale: Locale) -> str:
    if axis.kind == "time" and isinstance(place, int | float):
        return time_label(int(place), plot.zone, locale, plot.bucket)
    return one_line(place if isinstance(place, str) else locale.number(float(str(place))))


def _x_scale(plot: Plot, prepared: Prepared, frame: Frame, locale: Locale) -> Scale:
    width = frame.inner[0]
    if prepared.x_places is not None:
        if plot.x.kind == "time":
            return _time_bands(prepared.x_places, plot, width, locale)
        return _category_bands(prepared.x_places, plot, frame, locale)
    if plot.x.kind == "number":
        return _continuous(plot.x, prepared.layers, "x", max(2, min(10, int(width / 75))), locale)
    low, high = plot.x.domain or extent([layer.x for layer in prepared.layers], zero=False)
    if high <= low:
        low, high = low - 3_600_000, high + 3_600_000
    ticks = time_ticks(
        int(low), int(high), _most(width, locale, high - low), zone=plot.zone, locale=locale, bucket=plot.bucket
    )
    return Scale(0, (low, high), tuple(float(at) for at, _ in ticks), tuple(label for _, label in ticks), origin=low)


def _most(width: float, locale: Locale, span: float) -> int:
    """Labels that fit side by side on a time axis over so many ms."""
    sample = locale.pattern(_SAMPLE, "UTC", "month" if span > _SEASON else "day")
    return max(2, min(12, int(width / (text_width(sample, FONT) + 26))))


def _time_bands(places: list[object], plot: Plot, width: float, locale: Locale) -> Scale:
    """Labels at buckets that begin at round times; else at every so-manieth bucket."""
    times = [int(place) for place in places if isinstance(place, int | float)]
    count, most = max(1, len(times)), _most(width, locale, times[-1] - times[0] if times else 0)
    index = {at: number for number, at in enumerate(times)}
    found: list[tuple[float, str]] = []
    if len(times) > most:
        ticks = time_ticks(times[0], times[-1], most, zone=plot.zone, locale=locale, bucket=plot.bucket)
        found = [(float(index[at]), label) for at, label in ticks if at in index]
    if len(found) < 2:
        step = max(1, -(-len(times) // most))
        found = [
            (float(number), time_label(times[number], plot.zone, locale, plot.bucket))
            for number in range(0, len(times), step)
        ]
    return Scale(count, (0.0, float(count)), tuple(value for value, _ in found), tuple(label for _, label in found))


def _category_bands(places: list[object], plot: Plot, frame: Frame, locale: Locale) -> Scale:
    count = max(1, len(places))
    band = frame.inner[0] / count
    texts = [_place_text(place, plot, plot.x, locale) for place in places]
    if max((text_width(text, FONT) for text in texts), default=0.0) <= band - 4:
        return Scale(count, (0.0, float(count)), tuple(map(float, range(len(texts)))), tuple(texts))
    step = max(1, int(-(-(FONT + 3) // band)))
    room = min(110.0, frame.height * 0.4 / _TURNED)
    shown = range(0, len(texts), step)
    labels = tuple(fitted(texts[number], room, FONT) for number in shown)
    return Scale(count, (0.0, float(count)), tuple(map(float, shown)), labels, turned=True)


def thinned(scale: Scale, length: float) -> Scale:
    """The scale with every n-th tick, 0 among them, where its labels would touch on an axis of so many pixels."""
    places = [scale.place(value, length) for value in scale.values]
    near = min((after - before for before, after in pairwise(places)), default=length)
    step = math.ceil((scale.room + GAP) / max(near, 1e-9)) if len(places) > 1 else 1
    zero = scale.values.index(0.0) if 0.0 in scale.values else 0
    kept = slice(zero % step, None, step)
    return dataclasses.replace(scale, values=scale.values[kept], labels=scale.labels[kept])


def _widen(frame: Frame) -> None:
    """Margins for the labels of the x axis that stand out at the ends."""
    scale = frame.x
    if scale is None:
        return
    width = frame.inner[0]
    for value, label in zip(scale.values, scale.labels, strict=True):
        wide, at = text_width(label, scale.size), scale.place(value, width)
        before = wide * _TURNED + 2 if scale.turned else wide / 2
        frame.left = max(frame.left, before - at + 2)
        if not scale.turned:
            frame.right = max(frame.right, at + wide / 2 - width + 4)
