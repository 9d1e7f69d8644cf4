"""`xlsx`: an Excel workbook with a sheet for each table, written row by row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pydantic

from pressroom import (
    Context,
    Document,
    Edition,
    Panel,
    PluginConfig,
    PluginOptions,
    Renderer,
    RenderError,
    Section,
    Table,
)
from pressroom.locales import Locale, clean
from pressroom_builtin.renderers.names import SheetNames
from pressroom_builtin.renderers.whole import document_of, name_of
from pressroom_builtin.renderers.xlsx_cells import (
    DIGITS,
    FIRST,
    FORMULA,
    LAST,
    TEXT,
    Cells,
    plan,
    prepared,
    spelt,
    titles,
)

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

ROWS, COLUMNS = 1_048_576, 16_384
"""Of a sheet, its header among them."""
BATCH = 20_000


class XlsxOptions(PluginOptions):
    """`formats: [{xlsx: {sheets: all}}]`."""

    sheets: Literal["tables", "all"] = pydantic.Field(
        default="tables", description="A sheet for each table, or for the rows of every chart."
    )


class XlsxRenderer(Renderer[PluginConfig, XlsxOptions]):
    """An Excel workbook; types, units and number formats are kept, memory stays bounded."""

    name = "xlsx"
    summary = "An Excel workbook with a sheet for each table"
    Options: ClassVar[type[PluginOptions]] = XlsxOptions
    requires = ("xlsxwriter", "polars")
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    suffix = ".xlsx"

    def render(self, edition: Edition, options: XlsxOptions, context: Context) -> Iterator[Document]:
        """One document; failed tables are a sheet with their error, and without a table there is none."""
        wanted = [
            (section, panel)
            for section in edition.sections
            for panel in section.panels
            if _is_table(panel) or (options.sheets == "all" and (panel.error or (panel.rows and panel.rows.columns)))
        ]
        if not wanted:
            return
        book = _Book(context.folder / name_of(self, edition)[1], edition, context)
        try:
            for section, panel in wanted:
                book.add(section, panel)
        finally:
            book.close()
        yield document_of(self, edition, context, charset=False, warnings=book.warnings)


def _is_table(panel: Panel) -> bool:
    return isinstance(panel.figure, Table) or (panel.figure is None and panel.type == "table")


class _Book:
    """The workbook under way."""

    def __init__(self, path: Path, edition: Edition, context: Context) -> None:
        from xlsxwriter import Workbook

        self.warnings: list[str] = []
        self._context, self._locale = context, Locale.of(edition.locale)
        self._names = SheetNames()
        # every row goes to a file at once; texts are never taken for formulas, links or numbers
        self._book: Workbook = Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(context.folder),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": True,
            },
        )
        self._book.set_properties(
            {
                "title": clean(edition.title)[:255],
                "author": clean(edition.author)[:255],
                # the same edition gives the same bytes
                "created": edition.composed_at.astimezone(UTC).replace(tzinfo=None),
            }
        )
        self._formats: dict[tuple[Any, ...], Format] = {}

    def close(self) -> None:
        """Put the file together.

        Raises:
            RenderError: it cannot be written.
        """
        from xlsxwriter.exceptions import XlsxWriterException

        try:
            self._book.close()
        except XlsxWriterException as error:
            raise RenderError(f"the workbook cannot be written: {error}") from error

    def add(self, section: Section, panel: Panel) -> None:
        """A panel's rows, on as many sheets as they need."""
        self._context.check()
        title = panel.title or panel.uid
        if panel.rows is None:
            sheet = self._sheet(title)
            sheet.set_column(0, 0, 80)
            sheet.write_string(0, 0, clean(panel.error or "no data")[:TEXT], self._format(font_color="#B42318"))
            return
        dataset = panel.rows.dataset(self._context.folder)
        cells = plan(dataset, section.zone, BATCH)
        if len(cells) > COLUMNS:
            self.warnings.append(f"{title}: only the first {COLUMNS} of {len(cells)} columns; a sheet has no more")
            cells = cells[:COLUMNS]
        writer = _Rows(self, title, cells)
        for frame in dataset.batches(BATCH):
            self._context.check()
            for row in prepared(frame, cells, section.zone).iter_rows():
                writer.add(row)
        note = self._locale.word("truncated", limit=dataset.rows) if panel.rows.truncated else ""
        self.warnings += [f"{title}: {said}" for said in writer.finish(note)]

    def _sheet(self, title: str) -> Worksheet:
        sheet: Worksheet = self._book.add_worksheet(self._names.unique(clean(title)))
        return sheet

    def _format(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]


class _Rows:
    """Writes the rows of one table; after a sheet's last row it goes on with another sheet."""

    def __init__(self, book: _Book, title: str, cells: list[Cells]) -> None:
        self._book, self._title, self._cells = book, title, cells
        self._formats = [book._format(num_format=each.format) if each.format else None for each in cells]
        self._defused = book._format(quote_prefix=True)
        self._sheets, self._row, self._total = 0, 0, 0
        self._cut = self._exact = 0
        self._next_sheet()

    def _next_sheet(self) -> None:
        self._sheets, self._row = self._sheets + 1, 1
        self._sheet = self._book._sheet(self._title)
        head = self._book._format(bold=True, bottom=1, text_wrap=True, valign="top")
        right = self._book._format(bold=True, bottom=1, text_wrap=True, valign="top", align="right")
        writers = {"text": self._text, "time": self._time, "date": self._time, "long": self._long}
        self._writers = [writers.get(each.how, self._sheet.write_number) for each in self._cells]
        for place, (each, title) in enumerate(zip(self._cells, titles(self._cells), strict=True)):
            self._sheet.set_column(place, place, each.width)
            self._sheet.write_string(0, place, clean(title), right if each.how in ("number", "long", "days") else head)
        self._sheet.freeze_panes(1, 0)

    def add(self, row: tuple[Any, ...]) -> None:
        """Write one row."""
        if self._row == ROWS:
            self._filter()
            self._next_sheet()
        at = self._row
        for place, (value, write, format) in enumerate(zip(row, self._writers, self._formats, strict=True)):
            if value is not None:
                write(at, place, value, format)
        self._row += 1
        self._total += 1

    def _text(self, row: int, place: int, text: str, _format: Format | None = None) -> None:
        if len(text) > TEXT:
            self._cut, text = self._cut + 1, text[:TEXT]
        self._sheet.write_string(row, place, text, self._defused if text.startswith(FORMULA) else None)

    def _time(self, row: int, place: int, day: float, format: Format | None) -> None:
        if FIRST <= day <= LAST:
            self._sheet.write_number(row, place, day, format)
        else:
            self._text(row, place, spelt(day))

    def _long(self, row: int, place: int, value: float, format: Format | None) -> None:
        if isinstance(value, int) and not -DIGITS < value < DIGITS:
            self._exact += 1
            self._text(row, place, str(value))
        else:
            self._sheet.write_number(row, place, value, format)

    def _filter(self) -> None:
        if self._cells:
            self._sheet.autofilter(0, 0, self._row - 1, len(self._cells) - 1)

    def finish(self, note: str) -> list[str]:
        """End the last sheet, with a note under its rows; what people must know."""
        self._filter()
        if note and self._row + 1 < ROWS:
            self._sheet.write_string(self._row + 1, 0, note, self._book._format(italic=True, font_color="#5B6675"))
        said = [note] if note else []
        if self._sheets > 1:
            said.append(f"{self._total} rows are on {self._sheets} sheets; one holds {ROWS - 1} and its header")
        if self._cut:
            said.append(f"{self._cut} texts were cut to {TEXT} characters, as many as a cell holds")
        if self._exact:
            said.append(f"{self._exact} integers are text, as Excel's numbers have 15 digits only")
        return said
