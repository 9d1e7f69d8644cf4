"""`csv`: one file for each table, written batch by batch."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from pressroom import (
    Column,
    Context,
    Document,
    Edition,
    Kind,
    Panel,
    PluginConfig,
    PluginOptions,
    Renderer,
    Section,
    Table,
)
from pressroom_builtin.renderers.csv_options import ISO, CsvOptions
from pressroom_builtin.renderers.names import Names, safe

if TYPE_CHECKING:
    import polars as pl

BATCH, AHEAD = 100_000, 2
"""Rows that are turned into text at a time, and batches that are worked on side by side."""
FORMULA = r"^[=+\-@\t\r]"
"""Texts that spreadsheet programs take for a formula begin with one of these."""
BOM_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""Encodings that take a byte order mark; `utf-16`, `utf-32` and `utf-8-sig` always write one themselves."""


class CsvRenderer(Renderer[PluginConfig, CsvOptions]):
    """Comma-separated values; memory stays bounded however many rows there are."""

    name = "csv"
    summary = "One CSV file for each table"
    Options: ClassVar[type[PluginOptions]] = CsvOptions
    requires = ("polars",)
    media_type = "text/csv"
    suffix = ".csv"

    def render(self, edition: Edition, options: CsvOptions, context: Context) -> Iterator[Document]:
        """A document for each table, failed ones with their error as the only line; none without a table."""
        names = Names()
        tables = ((section, panel) for section in edition.sections for panel in section.panels if _is_table(panel))
        for section, panel in tables:
            context.check()
            title = safe(panel.title, panel.uid)
            name = names.unique(f"{safe(edition.filename, 'report')} - {title}", self.suffix)
            path = f"{self.name}-{name}"
            warnings = _write(context.folder / path, section, panel, options, context)
            yield Document(
                name=name,
                media_type=f"{self.media_type}; charset={options.codec}",
                path=path,
                size=(context.folder / path).stat().st_size,
                format=self.name,
                section=section.uid,
                warnings=warnings,
            )


def _is_table(panel: Panel) -> bool:
    return isinstance(panel.figure, Table) or (panel.figure is None and panel.type == "table")


def _write(path: Path, section: Section, panel: Panel, options: CsvOptions, context: Context) -> tuple[str, ...]:
    with path.open("wb") as raw:
        out = Encoded(raw, options.codec)
        if options.bom and options.codec in BOM_ENCODINGS:
            out.write("\ufeff".encode())
        if panel.rows is None:
            out.write((quoted(panel.error or "no data", options) + _line_end(options)).encode())
        else:
            columns = panel.rows.columns
            out.write(_header(columns, options))
            batches = panel.rows.dataset(context.folder).batches(BATCH)
            for text in _ahead(lambda batch: _rows(batch, columns, section.zone, options), batches):
                context.check()
                out.write(text)
    return _warnings(panel, out, options)


def _warnings(panel: Panel, out: Encoded, options: CsvOptions) -> tuple[str, ...]:
    title, found = panel.title or panel.uid, []
    if out.encoding != options.encoding:
        found.append(f"{title}: there is no encoding {options.encoding!r}; the file is in {out.encoding}")
    if out.replaced:
        found.append(f"{title}: {out.replaced} characters that {out.encoding} does not have became ?")
    if panel.rows is not None and panel.rows.truncated:
        found.append(f"{title}: only the first {panel.rows.spool.rows} rows; the rest was not read")
    return tuple(found)


def _header(columns: tuple[Column, ...], options: CsvOptions) -> bytes:
    if options.header == "none" or not columns:
        return b""
    titles = [column.title if options.header == "labels" else column.name for column in columns]
    return (options.delimiter.join(quoted(title, options) for title in titles) + _line_end(options)).encode()


def _line_end(options: CsvOptions) -> str:
    return "\n" if options.line_end == "lf" else "\r\n"


def quoted(text: str, options: CsvOptions) -> str:
    """A text as a field of the file."""
    if options.defuse and text[:1] in ("=", "+", "-", "@", "\t", "\r"):
        text = f"'{text}"
    if any(character in text for character in (options.delimiter, '"', "\r", "\n")) or not text.strip():
        text = '"' + text.replace('"', '""') + '"'
    return text.encode(errors="replace").decode()


def _ahead(work: Callable[[pl.DataFrame], memoryview], batches: Iterable[pl.DataFrame]) -> Iterator[memoryview]:
    """The work's results in order; a second core is on the next batch while one is written."""
    waiting: deque[Future[memoryview]] = deque()
    with ThreadPoolExecutor(AHEAD) as pool:
        for batch in batches:
            waiting.append(pool.submit(work, batch))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _rows(batch: pl.DataFrame, columns: tuple[Column, ...], zone: str, options: CsvOptions) -> memoryview:
    import polars as pl

    # naive times with a literal offset are written in two thirds of the time
    plain = zone == "UTC" and options.time_format == ISO
    changes = []
    for column in columns:
        values = pl.col(column.name)
        if column.kind is Kind.time:
            changes.append(values.dt.replace_time_zone(None) if plain else values.dt.convert_time_zone(zone))
        elif column.kind is Kind.text and options.defuse and batch[column.name].str.contains(FORMULA).any():
            defused = pl.when(values.str.contains(FORMULA)).then(pl.lit("'") + values).otherwise(values)
            changes.append(defused.alias(column.name))
    target = BytesIO()
    batch.with_columns(changes).write_csv(
        target,
        include_header=False,
        separator=options.delimiter,
        line_terminator=_line_end(options),
        decimal_comma=options.decimal == ",",
        datetime_format=ISO.replace("%:z", "+00:00") if plain else options.time_format,
    )
    return target.getbuffer()


class Encoded:
    """A file that is given UTF-8 and holds another encoding; `replaced` counts what that has no character for."""

    def __init__(self, raw: BinaryIO, encoding: str) -> None:
        self._raw, self.encoding = raw, encoding
        self._encoder = codecs.getincrementalencoder(encoding)(errors="replace")
        self.replaced = 0

    def write(self, data: bytes | memoryview) -> None:
        """Append whole UTF-8 characters."""
        if self.encoding == "utf-8":
            self._raw.write(data)
            return
        text = str(data, "utf-8")
        if not text.isascii():
            try:
                text.encode(self.encoding)
            except UnicodeEncodeError:
                kept = text.encode(self.encoding, "ignore").decode(self.encoding)
                self.replaced += len(text) - len(kept)
        self._raw.write(self._encoder.encode(text))
