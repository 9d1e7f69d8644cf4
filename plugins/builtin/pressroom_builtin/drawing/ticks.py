"""Ticks of number axes: round steps, and labels in the reader's locale that say no more than the step needs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pressroom.locales import Locale

LARGEST = 1e300
"""Numbers beyond are drawn here: differences of larger ones are not finite."""
SMALLEST = 1e-200
"""Differences below are none: their powers of ten leave the range of floats."""
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


@dataclass(frozen=True)
class Ticks:
    """Where an axis is labelled.

    Attributes:
        domain: the two ends of the axis.
        values: ascending, within the domain.
        labels: one a value; empty for a tick without a label.
    """

    domain: tuple[float, float]
    values: tuple[float, ...]
    labels: tuple[str, ...]


def number_ticks(
    low: float, high: float, most: int, locale: Locale, *, format: str = "", unit: str = "", nice: bool = True
) -> Ticks:
    """Some `most` ticks between two values; with `nice` the ends are moved out to ticks."""
    largest = max(abs(low), abs(high))
    if high - low <= max(largest * 1e-12, SMALLEST):
        margin = largest * 0.1 if largest > SMALLEST else 1.0
        low, high = (low if low == 0 else low - margin), high + margin
    step = _step((high - low) / max(1, most), format)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if nice:
        low, high = min(low, first * step), max(high, last * step)
    margin = (high - low) * 1e-9
    values = tuple(n * step for n in range(first, last + 1) if low - margin <= n * step <= high + margin)
    return Ticks((low, high), values, _labels(values, step, locale, format, unit))


def _step(wanted: float, format: str) -> float:
    if format == "duration" and 1 <= wanted <= _SECONDS[-1]:
        return float(next(step for step in _SECONDS if step >= wanted))
    power = 10.0 ** math.floor(math.log10(wanted))
    return power * next((factor for factor in (1.0, 2.0, 2.5, 5.0) if factor * power >= wanted * 0.999), 10.0)


def _labels(values: tuple[float, ...], step: float, locale: Locale, format: str, unit: str) -> tuple[str, ...]:
    largest = max(map(abs, values), default=0.0)
    chosen = format
    if format not in ("plain", "compact", "duration"):
        percent = "%" if format.endswith("%") else ""
        decimals = _decimals(step * 100 if percent else step)
        if not format and largest >= 1e5:
            chosen = "compact"
        elif decimals > 6 or largest >= 1e15:
            chosen = ""
        else:
            chosen = f"0.{'0' * decimals}{percent}" if decimals else f"0{percent}"
    written = [locale.number(value, chosen) for value in values]
    if len(set(written)) < len(written):
        written = [locale.number(value) for value in values]
    return tuple(locale.with_unit(text, unit) for text in written)


def _decimals(step: float) -> int:
    """Decimals that tell multiples of the step apart."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    shifted: float = step * 10.0**decimals
    return decimals + int(abs(shifted - round(shifted)) > 1e-6)
