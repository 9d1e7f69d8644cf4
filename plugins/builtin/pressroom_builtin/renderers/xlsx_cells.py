"""Columns of a dataset as columns of a spreadsheet: number formats, widths, and values that Excel can hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pressroom import Column, Dataset, Kind

if TYPE_CHECKING:
    import polars as pl

TEXT = 32_767
"""Characters that a cell holds."""
DIGITS = 10**15
"""Integers from here on lose digits as numbers of Excel, so they are written as text."""
DAY = 86_400
EPOCH = 25_569
"""Excel's number of 1 January 1970."""
WIDEST, NARROWEST = 60, 9
"""Of columns, in characters."""
FIRST, LAST = 61, 2_958_465
"""Excel's numbers of 1 March 1900, before which its calendar has a day that never was, and of the end of 9999."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Texts that become formulas where somebody edits them begin with one of these."""
_DATE = r"^\d{4}-\d\d-\d\d$"
"""A source's date, which is text in a dataset; so it looks the same as Excel's."""
_PREFIXES = ("$", "€", "£", "¥", "₹", "US$", "CN¥", "￥")


How = Literal["number", "long", "days", "time", "date", "text"]


@dataclass(frozen=True)
class Cells:
    """How a column's cells are written.

    Attributes:
        how: `time`, `date` and `days` as Excel's days, `long` for integers of too many digits, else numbers or text.
        format: Excel's number format; empty for General.
        width: of the column, in characters.
    """

    column: Column
    how: How
    format: str
    width: float


def plan(dataset: Dataset, zone: str, batch: int) -> list[Cells]:
    """Look through the rows for what decides on formats, in bounded memory."""
    found = [_Seen(column, zone) for column in dataset.columns]
    for frame in dataset.batches(batch):
        for seen in found:
            seen.add(frame[seen.column.name])
    return [seen.cells() for seen in found]


class _Seen:
    """What a column holds, batch by batch."""

    def __init__(self, column: Column, zone: str) -> None:
        self.column, self._zone = column, zone
        self._low, self._high = 0.0, 0.0
        self._whole, self._midnight, self._seconds = True, True, False
        self._longest = len(column.title)
        self._dates: bool | None = None

    def add(self, series: pl.Series) -> None:
        """Take one batch into account."""
        known = series.drop_nulls()
        if not known.len():
            return
        if self.column.kind is Kind.text:
            first = known.head(1000).str.split("\n").list.first()
            # letters of three bytes are twice as wide
            wide = (first.str.len_chars() + first.str.len_bytes()) / 2
            self._longest = max(self._longest, int(float(str(wide.max()))))
            if self._dates is not False:
                self._dates = bool(known.str.contains(_DATE).all()) and not known.str.to_date(strict=False).has_nulls()
        elif self.column.kind is Kind.time:
            local = known.dt.convert_time_zone(self._zone)
            seconds = local.dt.hour().cast(int) * 3600 + local.dt.minute().cast(int) * 60 + local.dt.second()
            self._midnight = self._midnight and not bool((seconds != 0).any())
            self._seconds = self._seconds or bool((seconds % 60 != 0).any())
        else:
            values = known.cast(float)
            self._low = min(self._low, float(str(values.min())))
            self._high = max(self._high, float(str(values.max())))
            self._whole = self._whole and bool((values == values.floor()).all())

    def cells(self) -> Cells:
        """The decision."""
        column = self.column
        if column.kind is Kind.text:
            return self._made("date", "yyyy-mm-dd", 10) if self._dates else self._made("text", "", self._longest)
        if column.kind is Kind.time:
            time = "" if self._midnight else " hh:mm:ss" if self._seconds else " hh:mm"
            return self._made("time", f"yyyy-mm-dd{time}", 10 + len(time))
        if column.format == "duration" and self._low >= 0:
            return self._made("days", "[h]:mm:ss", 10)
        digits = max(abs(self._low), abs(self._high), 1.0)
        characters = min(20, math.log10(digits) * 4 / 3 + 4) + len(column.unit)
        how: How = "long" if self._whole and digits >= DIGITS else "number"
        return self._made(how, number_format(column, digits, whole=self._whole), characters)

    def _made(self, how: How, format: str, wide: float) -> Cells:
        wide = max(NARROWEST, wide + 2, len(self.column.title) * 1.1 + 3)
        return Cells(self.column, how, format, min(WIDEST, wide))


def number_format(column: Column, largest: float, *, whole: bool) -> str:
    """Excel's format for a metric's: the same decimals, percent and unit.

    Args:
        largest: absolute value of the column, for the decimals of metrics without a format.
        whole: True where all values are integers.
    """
    format = column.format
    if format == "plain":
        digits = "0" if whole else "General"
    elif format.startswith("0"):
        digits = f"#,##{format}"
    elif whole or format == "duration":
        digits = "#,##0"
    else:
        decimals = 1 if largest >= 100 else 2 if largest > 1 else 4
        digits = f"#,##0.{'0' * decimals}"
    unit = " ".join(column.unit.split())[:20].replace('"', "”")
    if format == "duration":
        unit = "s"
    if not unit or (unit == "%" and digits.endswith("%")):
        return digits
    if unit in _PREFIXES:
        return f'"{unit}"{digits}'
    return f'{digits}"{"" if unit == "%" else " "}{unit}"'


def prepared(frame: pl.DataFrame, cells: Sequence[Cells], zone: str) -> pl.DataFrame:
    """A batch with its times and durations as Excel's days."""
    import polars as pl

    columns = []
    for each in cells:
        values = pl.col(each.column.name)
        if each.how == "time":
            local = values.dt.convert_time_zone(zone).dt.replace_time_zone(None)
            values = local.dt.epoch("ms") / (DAY * 1000) + EPOCH
        elif each.how == "date":
            values = values.str.to_date().cast(pl.Int32) + EPOCH
        elif each.how == "days":
            values = values / DAY
        columns.append(values)
    return frame.select(columns)


def spelt(day: float) -> str:
    """A date, or a moment, that Excel's calendar does not have, as text."""
    import polars as pl

    moment = pl.Series([round((day - EPOCH) * DAY * 1000)]).cast(pl.Datetime("ms"))
    return str(moment.dt.strftime("%Y-%m-%d" if isinstance(day, int) else "%Y-%m-%d %H:%M:%S")[0])


def titles(cells: Sequence[Cells]) -> list[str]:
    """The columns' titles; equal ones get a number: a table's header has each once."""
    found: list[str] = []
    taken: set[str] = set()
    for each in cells:
        title = " ".join(each.column.title.split())[:240] or "–"
        name, number = title, 2
        while name.casefold() in taken:
            name, number = f"{title} ({number})", number + 1
        taken.add(name.casefold())
        found.append(name)
    return found
