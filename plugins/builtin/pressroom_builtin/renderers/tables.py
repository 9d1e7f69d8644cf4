"""A panel's rows as a table on paper: cells in the locale, column widths, and how many rows fit a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pressroom import Column, Kind, Panel, Rows, Table
from pressroom.locales import Locale
from pressroom_builtin.renderers.book import Grid
from pressroom_builtin.renderers.widths import breakable, lines, width

NOTHING = "–"
SAMPLE = 200
"""Rows that column widths are chosen by."""
WRAPPED, READABLE = 12.0, 5.5
"""Em of a text column that may wrap, and of any column at the smallest text size."""
CELL_TEXT = 2_000
"""Characters of a cell that are shown."""
SMALLEST = 0.6
"""Text of wide tables shrinks to this part of its size before words are broken."""


@dataclass(frozen=True)
class Sheet:
    """A table's text, read once and laid out wherever it goes.

    Attributes:
        columns: that are shown.
        rows: the first rows of the data, as text.
        total: rows of the data.
        more: True where the data itself was cut by the row limit.
        note: the figure's own.
        values: what the texts are of; those of the rows that `read` gave.
    """

    columns: tuple[Column, ...]
    rows: list[list[str]]
    total: int
    more: bool
    note: str = ""
    values: Sequence[tuple[Any, ...]] = ()

    def part(self, indexes: Sequence[int]) -> Sheet:
        """Some of the columns."""
        columns = tuple(self.columns[index] for index in indexes)
        rows = [[row[index] for index in indexes] for row in self.rows]
        return Sheet(columns, rows, self.total, self.more, self.note)


def read(panel: Panel, figure: Table, folder: Path, *, locale: Locale, zone: str, most: int) -> Sheet:
    """The first `most` rows of a panel's data as text in the locale and zone."""
    rows = panel.rows
    if rows is None:
        return Sheet((), [], 0, False, figure.note)
    shown = [column for name in figure.columns for column in rows.columns if column.name == name]
    columns = tuple(shown) if figure.columns else rows.columns
    writers = [_writer(column, locale, zone) for column in columns]
    values = _values(rows, folder, [column.name for column in columns], most)
    text = [[write(value) for write, value in zip(writers, row, strict=True)] for row in values]
    return Sheet(columns, text, rows.spool.rows, rows.truncated, figure.note, values)


def _values(rows: Rows, folder: Path, names: Sequence[str], most: int) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for batch in rows.dataset(folder).batches():
        found.extend(batch.select(names).head(most - len(found)).iter_rows())
        if len(found) >= most:
            break
    return found


def _writer(column: Column, locale: Locale, zone: str) -> Callable[[Any], str]:
    def number(value: Any) -> str:
        return NOTHING if value is None else locale.number(value, column.format, column.unit)

    def moment(value: datetime | None) -> str:
        return NOTHING if value is None else locale.moment(value, zone)

    def text(value: str | None) -> str:
        if value is None:
            return NOTHING
        return value if len(value) <= CELL_TEXT else value[: CELL_TEXT - 1] + "…"

    return {Kind.number: number, Kind.time: moment, Kind.text: text}[column.kind]


def lay_out(sheet: Sheet, start: int, room: float, size: float, *, height: float | None = None) -> tuple[Grid, int]:
    """Rows from `start` on as a table `room` points wide.

    Args:
        height: stop before the row that would not fit; None for all rows.

    Returns:
        The table and how many rows are in it.
    """
    head = [column.title for column in sheet.columns]
    widths, size = _widths(sheet, [head, *sheet.rows[start : start + SAMPLE]], room, size)
    inner = [max(wide - 0.85 * size, size) for wide in widths]
    cells: list[str] = []
    used = _row_height(head, inner, size)
    count = 0
    for row in sheet.rows[start:]:
        if height is not None:
            used += _row_height(row, inner, size)
            if used > height:
                break
        cells.extend(breakable(cell, space, size) for cell, space in zip(row, inner, strict=True))
        count += 1
    aligns = ["right" if column.kind is Kind.number else "left" for column in sheet.columns]
    titles = [breakable(title, space * 0.95, size) for title, space in zip(head, inner, strict=True)]
    return Grid(widths=widths, aligns=aligns, head=titles, cells=cells, size=size, repeat=height is None), count


def _row_height(row: Sequence[str], inner: Sequence[float], size: float) -> float:
    tallest = max((lines(cell, space, size) for cell, space in zip(row, inner, strict=True)), default=1)
    return size * (1.05 * tallest + 0.2 * (tallest - 1) + 0.5) + 0.4


def groups(sheet: Sheet, room: float, size: float) -> list[Sheet]:
    """The sheet cut into as many as it takes for columns to stay readable; the first column comes in each."""
    head = [column.title for column in sheet.columns]
    least = [
        min(wide, READABLE) * size * SMALLEST for wide in _natural([head, *sheet.rows[:SAMPLE]])
    ]  # fmt: skip
    found: list[list[int]] = [[]]
    used = 0.0
    for index, wide in enumerate(least):
        if found[-1] and used + wide > room:
            found.append([0])
            used = least[0]
        found[-1].append(index)
        used += wide
    return [sheet] if len(found) == 1 else [sheet.part(indexes) for indexes in found]


def _natural(rows: Sequence[Sequence[str]]) -> list[float]:
    """Width of every column on one line, in em with its padding."""
    return [max(width(cell[:200], 1.0) for cell in column) * 1.03 + 0.9 for column in zip(*rows, strict=True)]


def _widths(sheet: Sheet, rows: Sequence[Sequence[str]], room: float, size: float) -> tuple[list[float], float]:
    """Column widths that fill `room`, and the text size they are for; long texts wrap before all text shrinks."""
    natural = [min(wide, 40.0) for wide in _natural(rows)]
    least = [
        min(wide, WRAPPED) if column.kind is Kind.text else wide
        for wide, column in zip(natural, sheet.columns, strict=True)
    ]
    size *= max(SMALLEST, min(1.0, room / (sum(least) * size)))
    spare = room - sum(natural) * size
    if spare >= 0:
        return [wide * size + spare / len(natural) for wide in natural], size
    return _squeezed([wide * size for wide in natural], room), size


def _squeezed(wanted: list[float], room: float) -> list[float]:
    """Widths that sum to `room`: narrow columns keep what they want, the wide ones share the rest."""
    widths = list(wanted)
    wide = set(range(len(wanted)))
    left = room
    while wide:
        share = left / len(wide)
        content = {index for index in wide if wanted[index] <= share}
        if not content:
            widths = [share if index in wide else width for index, width in enumerate(widths)]
            break
        left -= sum(wanted[index] for index in content)
        wide -= content
    return widths


def count_note(sheet: Sheet, shown: int, locale: Locale) -> str:
    """How many rows the data has, and how many of them are shown."""
    if shown < sheet.total:
        said = locale.word("rows_shown", shown=shown, total=sheet.total)
    else:
        said = locale.word("rows", count=sheet.total)
    limit = locale.word("truncated", limit=sheet.total) if sheet.more else ""
    return "  |  ".join(part for part in (sheet.note, said, limit) if part)
