"""A placed panel -> a box of the page template: its chart drawn, its numbers sized, its table cut to the place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pressroom import Cancelled, Context, Number, Panel, Plot, PressroomError, Table, Text, VegaLite
from pressroom.locales import Locale
from pressroom_builtin import drawing
from pressroom_builtin.renderers import tables
from pressroom_builtin.renderers.arrange import Placed
from pressroom_builtin.renderers.book import Box, Figure, Flow
from pressroom_builtin.renderers.logo import Logo
from pressroom_builtin.renderers.prose import blocks
from pressroom_builtin.renderers.widths import shortened, width

PAD, TITLE, NOTE = 6, 20, 14
"""Units around a panel's content, for its title, for the line under it; as in the template."""
TABLE_TEXT = 10.5
CELLS, LEAST_ROWS = 60_000, 20
"""Cells of all tables in a document, and rows that each table shows all the same."""
BIGGEST, SMALLEST = 56, 9
"""Units of the text of large numbers."""


@dataclass
class Press:
    """What all panels of a document share, and what they leave behind.

    Attributes:
        context: of the renderer's call; its folder holds the spools.
        theme: `light` or `dark`.
        unit: points a dashboard pixel.
        max_rows: of a table, on paper.
        cells: of all tables that there is still room for; the page engine takes 50 us and 8 kB a cell.
        rest: where rows go that a table has no room for: `behind` its page, `whole` at the dashboard's end with the
            rows before them, or `nowhere`.
        logo: on every page; None for none.
        assets: pictures by name.
        warnings: what could not be shown.
    """

    context: Context
    locale: Locale
    theme: str
    unit: float
    max_rows: int
    cells: int = CELLS
    rest: Literal["behind", "whole", "nowhere"] = "behind"
    logo: Logo | None = None
    assets: dict[str, bytes] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.context.folder


@dataclass(frozen=True)
class Made:
    """A box, and the table whose rows it shows the first `shown` of; 0 where it has not room for all columns."""

    box: Box
    rest: tables.Sheet | None = None
    shown: int = 0


def make(placed: Placed, zone: str, press: Press) -> Made:
    """The box of a panel; a figure that fails to draw becomes a box that says why."""
    press.context.check()
    panel, unit = placed.panel, press.unit
    room = max(placed.width - 2 * PAD * unit, 1.0)
    box = Box(
        x=placed.x,
        y=placed.y,
        width=placed.width,
        height=placed.height,
        title=shortened(panel.title, room, 12 * unit),
        kind="empty",
        message=press.locale.word("no_data"),
    )
    if panel.error or panel.figure is None:
        return Made(_failed(box, panel.error or "no figure"))
    try:
        return _filled(placed, box, zone, press)
    except Cancelled:
        raise
    except Exception as error:  # whatever a drawer or a damaged spool raises costs one panel, not the report
        press.context.check()
        said = error.message if isinstance(error, PressroomError) else f"the chart cannot be drawn: {error!r}"[:300]
        if not isinstance(error, PressroomError):
            press.context.log.exception("panel %s cannot be drawn", panel.uid)
        press.warnings.append(f"{panel.title or panel.uid}: {said}")
        return Made(_failed(box, said))


def _failed(box: Box, message: str) -> Box:
    box.kind, box.message = "error", message
    return box


def _filled(placed: Placed, box: Box, zone: str, press: Press) -> Made:
    figure = placed.panel.figure
    if figure is None or drawing.is_empty(figure):
        return Made(box)
    if isinstance(figure, Table):
        return _table(placed, figure, box, zone, press)
    if isinstance(figure, Number):
        box.kind, box.numbers = "numbers", _numbers(figure, placed, press)
    elif isinstance(figure, Text):
        box.kind, box.blocks = "text", blocks(figure.markdown)
    elif isinstance(figure, (Plot, VegaLite)):
        _chart(placed, figure, box, press)
    return Made(box)


def _height(placed: Placed, unit: float, note: str) -> float:
    used = 2 * PAD + (TITLE if placed.panel.title else 0) + (NOTE if note else 0)
    return max(placed.height - used * unit, 1.0)


def _chart(placed: Placed, figure: Plot | VegaLite, box: Box, press: Press) -> None:
    if isinstance(figure, Plot):
        box.note = shortened(figure.note, placed.width - 2 * PAD * press.unit, 9 * press.unit)
    wide = placed.width / press.unit - 2 * PAD
    high = _height(placed, press.unit, box.note) / press.unit
    locale = press.locale.tag
    picture = drawing.svg(figure, width=wide, height=high, theme=press.theme, locale=locale)
    box.kind, box.file, box.alt = "chart", f"chart-{len(press.assets)}.svg", placed.panel.title
    press.assets[box.file] = picture.encode()


def _numbers(figure: Number, placed: Placed, press: Press) -> list[Figure]:
    unit, locale = press.unit, press.locale
    room = (placed.width / unit - 2 * PAD) / max(1, len(figure.items)) - 12
    high = _height(placed, unit, "") / unit
    values = [written(item, locale) for item in figure.items]
    widest = max((width(value, 1.0) for value in values), default=1.0)
    extra = 18 * (any(item.label for item in figure.items) + any(item.previous is not None for item in figure.items))
    size = max(SMALLEST, min(BIGGEST, room / max(widest, 0.1), (high - extra) / 1.1))
    return [
        Figure(
            value=shortened(value, room, size),
            size=size * unit,
            label=shortened(item.label, room, 11),
            change=change(item, locale),
            trend=trend(item),
        )
        for item, value in zip(figure.items, values, strict=True)
    ]


def written(item: Number.Item, locale: Locale) -> str:
    """A number's value with its unit."""
    if item.value is None:
        return tables.NOTHING
    return item.value if isinstance(item.value, str) else locale.number(item.value, item.format, item.unit)


def _share(item: Number.Item) -> float | None:
    """The change since the period before, as a share of it."""
    if not isinstance(item.value, (int, float)) or not item.previous:
        return None
    return (item.value - item.previous) / abs(item.previous)


def change(item: Number.Item, locale: Locale) -> str:
    """The change since the period before, with an arrow; empty where there is none to compare."""
    share = _share(item)
    if share is None:
        return ""
    arrow = "▲" if share > 0 else "▼" if share < 0 else "="
    return f"{arrow} {locale.number(abs(share), '0.0%')}"


def trend(item: Number.Item) -> Literal["", "good", "bad"]:
    """Whether that change is good news; empty where it is neither."""
    share = _share(item)
    if not share or item.better == "neither":
        return ""
    return "good" if (share > 0) == (item.better == "higher") else "bad"


def read(panel: Panel, figure: Table, zone: str, press: Press) -> tables.Sheet:
    """A table's rows as text, as many as the document still has room for."""
    columns = len(figure.columns or (panel.rows.columns if panel.rows else ())) or 1
    most = max(min(press.max_rows, press.cells // columns), LEAST_ROWS)
    sheet = tables.read(panel, figure, press.folder, locale=press.locale, zone=zone, most=most)
    press.cells -= columns * len(sheet.rows)
    return sheet


def _table(placed: Placed, figure: Table, box: Box, zone: str, press: Press) -> Made:
    sheet = read(placed.panel, figure, zone, press)
    if not sheet.columns or not sheet.rows:
        return Made(box)
    room, size = max(placed.width - 2 * PAD * press.unit, 1.0), TABLE_TEXT * press.unit
    height = _height(placed, press.unit, "note")
    box.kind = "table"
    parts = tables.groups(sheet, room, size)
    box.grid, shown = tables.lay_out(parts[0], 0, room, size, height=height)
    note = tables.count_note(sheet, shown, press.locale)
    box.note = shortened(f"{note} …" if len(parts) > 1 else note, room, 9 * press.unit)
    if len(parts) > 1:
        return Made(box, sheet, 0)
    return Made(box, sheet if shown < len(sheet.rows) else None, shown)


def flows(sheet: tables.Sheet, start: int, room: float, press: Press, title: str) -> list[Flow]:
    """The rows of a table from `start` on, for pages of their own; more than one where it has too many columns."""
    size = TABLE_TEXT * press.unit
    note = tables.count_note(sheet, len(sheet.rows), press.locale)
    return [
        Flow(title=title, note=note, grid=tables.lay_out(part, start, room, size)[0])
        for part in tables.groups(sheet, room, size)
    ]
