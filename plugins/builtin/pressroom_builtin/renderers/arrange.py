"""Where panels lie: a dashboard's 24-column grid, or full-width slots, cut into pages.

All lengths are points. A unit is a dashboard's pixel: a row of the grid is 30 units high, gaps are 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pressroom import Panel

COLUMNS = 24
ROW = 30
GAP = 8


@dataclass(frozen=True)
class Placed:
    """A panel with its rectangle on a page, from the page's upper left content corner."""

    panel: Panel
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Area:
    """What a page offers.

    Attributes:
        width: of the content.
        first: height on a dashboard's first page, under its title.
        height: height on the other pages; infinite for a picture.
        unit: points a dashboard pixel.
    """

    width: float
    first: float
    height: float
    unit: float


def _spread(panels: Sequence[Panel]) -> Iterator[tuple[Panel, int]]:
    """Panels from the top down with the row that each begins in; one that lies on another moves below it."""
    filled = [0] * COLUMNS
    for panel in sorted(panels, key=lambda panel: (panel.grid.y, panel.grid.x)):
        left, right = _columns(panel)
        row = max(panel.grid.y, *filled[left:right])
        filled[left:right] = [row + max(1, panel.grid.h)] * (right - left)
        yield panel, row


def _columns(panel: Panel) -> tuple[int, int]:
    left = min(max(0, panel.grid.x), COLUMNS - 1)
    return left, min(max(left + 1, left + panel.grid.w), COLUMNS)


def grid(panels: Sequence[Panel], area: Area) -> list[list[Placed]]:
    """The dashboard's own arrangement; no panel is cut, one that is taller than a page shrinks to it."""
    gap, row = GAP * area.unit, ROW * area.unit
    between = min(gap, area.width / COLUMNS / 3)
    column = (area.width - (COLUMNS - 1) * between) / COLUMNS
    pages: list[list[Placed]] = [[]]
    top, room = None, area.first
    for panel, start in sorted(_spread(panels), key=lambda item: (item[1], item[0].grid.x)):
        left, right = _columns(panel)
        height = panel.grid.h * row + (panel.grid.h - 1) * gap
        top = start if top is None else top
        y = (start - top) * (row + gap)
        if y + height > room + 0.01:
            if pages[-1]:
                pages.append([])
            room = area.height if len(pages) > 1 else area.first
            top, y, height = start, 0.0, min(height, room)
        wide = (right - left) * (column + between) - between
        pages[-1].append(Placed(panel, left * (column + between), y, wide, height))
    return pages


def simple(panels: Sequence[Panel], area: Area, per_page: int) -> list[list[Placed]]:
    """Full-width panels, `per_page` on each page, in reading order."""
    ordered = sorted(panels, key=lambda panel: (panel.grid.y, panel.grid.x))
    gap = GAP * area.unit
    pages: list[list[Placed]] = []
    for start in range(0, len(ordered), per_page):
        room = area.height if pages else area.first
        height = (room - (per_page - 1) * gap) / per_page
        pages.append(
            [
                Placed(panel, 0.0, index * (height + gap), area.width, height)
                for index, panel in enumerate(ordered[start : start + per_page])
            ]
        )
    return pages or [[]]
