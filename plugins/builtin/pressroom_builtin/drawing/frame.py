"""What the measures of a picture are made of: scales, words in their places, margins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pressroom_builtin.drawing.marks import LABEL
from pressroom_builtin.drawing.measure import text_width

FONT = LABEL
LINE = 16.0
"""Height of a line of labels."""
GAP = 6.0
"""Between an axis and its labels."""
MAX_LINES = 4
"""Lines of a legend."""
BAND = 0.25
"""Share of a band that stays empty."""
TOUCHING = 1e-6
"""The same for cells that touch: with none at all, rounding leaves out an axis's first label."""
SHADE_GAP, SHADE_WIDE = 12.0, 9.0
"""Before the scale of a continuous colour, and its width."""


@dataclass(frozen=True)
class Scale:
    """A resolved axis.

    Attributes:
        count: bands; 0 for a continuous scale.
        gap: share of a band that stays empty.
        domain: ends of a continuous scale.
        values, labels: ticks; indices on bands.
        turned: labels run upwards at 45 degrees.
        size: font size of the labels.
        origin: what drawn numbers are counted from; epoch times would be long.
    """

    count: int
    domain: tuple[float, float]
    values: tuple[float, ...]
    labels: tuple[str, ...]
    turned: bool = False
    size: float = FONT
    origin: float = 0.0
    gap: float = BAND

    @property
    def room(self) -> float:
        """Width of the widest label."""
        return max((text_width(label, self.size) for label in self.labels), default=0.0)

    def place(self, value: float, length: float) -> float:
        """Pixels from the scale's beginning, of `length` in all."""
        if self.count:
            return (value + 0.5) * length / self.count
        low, high = self.domain
        return (value - low) / (high - low) * length


@dataclass(frozen=True)
class Words:
    """A text in a picture: its place, alignment, colour and font size."""

    x: float
    y: float
    text: str
    align: Literal["left", "center", "right"]
    color: str
    size: float = FONT


@dataclass(frozen=True)
class Disc:
    """The circle that arcs are parts of, in pixels from the plot's upper left corner."""

    x: float
    y: float
    radius: float


@dataclass
class Frame:
    """The measures of a picture: the plot's own size, and the margins around it."""

    width: float
    height: float
    left: float = 4.0
    top: float = 8.0
    right: float = 8.0
    bottom: float = 4.0
    x: Scale | None = None
    y: Scale | None = None
    shade: Scale | None = None
    legend: list[tuple[float, float, int, str]] = field(default_factory=list)
    """Left edge, distance below the legend's first line, number of the series (-1 for no colour), label."""
    legend_at: tuple[float, float] | None = None
    """The legend's first line, from the picture's upper left corner; below the labels of the x axis where None."""
    disc: Disc | None = None

    @property
    def inner(self) -> tuple[float, float]:
        """Width and height of the plot without its margins."""
        return max(8.0, self.width - self.left - self.right), max(8.0, self.height - self.top - self.bottom)
