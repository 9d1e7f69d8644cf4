"""`markdown`: a report to be read as text, in a chat or a wiki: titles, numbers, and tables instead of pictures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar

import pydantic

from pressroom import (
    Cancelled,
    Context,
    Document,
    Edition,
    Figure,
    Kind,
    Number,
    Panel,
    Plot,
    PluginConfig,
    PluginOptions,
    PressroomError,
    Renderer,
    Section,
    Table,
    Text,
)
from pressroom.locales import Locale, clean
from pressroom.templating import one_line
from pressroom_builtin import drawing
from pressroom_builtin.renderers import tables
from pressroom_builtin.renderers.book import Block, Span
from pressroom_builtin.renderers.panels import change, written
from pressroom_builtin.renderers.pivot import pivot
from pressroom_builtin.renderers.prose import blocks
from pressroom_builtin.renderers.whole import document_of, name_of

PADDED = 40
"""Columns of a table are padded with blanks up to this width, to be read as text."""
_MARKS = re.compile(r"([\\`*\[\]<|~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;))")
_LINE_START = re.compile(r"^(\d*)([#>+=.)-])")


class MarkdownOptions(PluginOptions):
    """`formats: [{markdown: {rows: 20}}]`."""

    rows: Annotated[int, pydantic.Field(ge=1, le=10_000)] = pydantic.Field(
        default=50, description="Rows of a table, or of a chart's numbers, at most; the text says how many there are."
    )
    charts: bool = pydantic.Field(default=True, description="Give the numbers of charts as tables.")


class MarkdownRenderer(Renderer[PluginConfig, MarkdownOptions]):
    """GitHub Flavored Markdown that can be read as it stands; charts are tables of their numbers."""

    name = "markdown"
    summary = "Text with titles, numbers and tables, for chats and wikis"
    Options: ClassVar[type[PluginOptions]] = MarkdownOptions
    requires = ("polars", "markdown_it")
    media_type = "text/markdown"
    suffix = ".md"

    def render(self, edition: Edition, options: MarkdownOptions, context: Context) -> Iterator[Document]:
        """One document of all dashboards."""
        writer = _Writer(Locale.of(edition.locale), options, context)
        parts = [f"# {escaped(edition.title)}"]
        parts += [f"> {escaped(warning)}" for warning in edition.warnings]
        for section in edition.sections:
            parts += writer.section(section, titled=section.title != edition.title)
        content = clean("\n\n".join(part for part in parts if part) + "\n").encode()
        (context.folder / name_of(self, edition)[1]).write_bytes(content)
        yield document_of(self, edition, context, charset=True, warnings=writer.warnings)


def escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is."""
    return _MARKS.sub(r"\\\1", one_line(text, tables.CELL_TEXT))


def paragraph(text: str) -> str:
    """The same as a paragraph: nothing at its beginning makes it a list, a heading or a quote."""
    return _LINE_START.sub(r"\1\\\2", escaped(text))


class _Writer:
    """Writes the dashboards of one document."""

    def __init__(self, locale: Locale, options: MarkdownOptions, context: Context) -> None:
        self._locale, self._options, self._context = locale, options, context
        self.warnings: list[str] = []

    def section(self, section: Section, *, titled: bool) -> list[str]:
        """A dashboard: its title, range, variables and panels, in reading order."""
        parts = [f"## {escaped(section.title or section.uid)}"] if titled else []
        facts = [self._locale.time_range(section.start, section.end, section.zone) + f" ({section.zone})"]
        facts += [
            f"{choice.label}: {self._locale.word('all') if choice.everything else ', '.join(choice.values)}"
            for choice in section.choices
        ]
        parts.append(" · ".join(escaped(fact) for fact in facts))
        parts += [paragraph(section.description)] if section.description else []
        for panel in sorted(section.panels, key=lambda panel: (panel.grid.y, panel.grid.x)):
            self._context.check()
            if panel.title:
                parts.append(f"### {escaped(panel.title)}")
            parts += self._panel(panel, section.zone)
        return parts

    def _panel(self, panel: Panel, zone: str) -> list[str]:
        """What a panel shows; one that fails costs its own place only."""
        if panel.error or panel.figure is None:
            return [self._failed(panel.error)]
        try:
            return self._filled(panel, zone)
        except Cancelled:
            raise
        except Exception as error:  # a damaged spool costs one panel, not the report
            self._context.check()
            if not isinstance(error, PressroomError):
                self._context.log.exception("panel %s cannot be written", panel.uid)
            said = error.message if isinstance(error, PressroomError) else "it cannot be written"
            self.warnings.append(f"{panel.title or panel.uid}: {said}")
            return [self._failed(said)]

    def _failed(self, message: str) -> str:
        return f"> **{self._locale.word('failed')}**: {escaped(message)}"

    def _filled(self, panel: Panel, zone: str) -> list[str]:
        figure, nothing = panel.figure, f"*{self._locale.word('no_data')}*"
        if figure is None or drawing.is_empty(figure):
            return [nothing]
        if isinstance(figure, Number):
            return ["\n".join(self._number(item) for item in figure.items)]
        if isinstance(figure, Text):
            return prose(blocks(figure.markdown))
        if not isinstance(figure, Table) and not self._options.charts:
            return []
        sheet = self._sheet(panel, figure, zone)
        if not sheet.rows or not sheet.columns:
            return [nothing]
        said = [gfm(sheet)]
        if sheet.note or sheet.more or len(sheet.rows) < sheet.total:
            said.append(f"*{escaped(tables.count_note(sheet, len(sheet.rows), self._locale))}*")
        return said

    def _sheet(self, panel: Panel, figure: Figure, zone: str) -> tables.Sheet:
        """A table's rows, or what a chart is drawn of."""
        folder, most, note = self._context.folder, self._options.rows, ""
        if isinstance(figure, Plot):
            drawn = pivot(figure, self._locale, most)
            if drawn is not None:
                return drawn
            note = figure.note
        table = figure if isinstance(figure, Table) else Table(note=note)
        return tables.read(panel, table, folder, locale=self._locale, zone=zone, most=most)

    def _number(self, item: Number.Item) -> str:
        label = f"{escaped(item.label)}: " if item.label else ""
        moved = change(item, self._locale)
        return f"- {label}**{escaped(written(item, self._locale))}**" + (f" ({moved})" if moved else "")


def gfm(sheet: tables.Sheet) -> str:
    """A table of GitHub Flavored Markdown, padded so that it can be read as text."""
    rows = [[escaped(column.title) for column in sheet.columns]]
    rows += [[escaped(cell) for cell in row] for row in sheet.rows]
    right = [column.kind is Kind.number for column in sheet.columns]
    widths = [max(3, *(min(PADDED, _wide(cell)) for cell in column)) for column in zip(*rows, strict=True)]
    rule = [f"{'-' * (wide - 1)}:" if last else "-" * wide for wide, last in zip(widths, right, strict=True)]
    lines = [_line(rows[0], widths, right), f"| {' | '.join(rule)} |"]
    return "\n".join([*lines, *(_line(row, widths, right) for row in rows[1:])])


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for cell, wide, last in zip(cells, widths, right, strict=True):
        blanks = " " * max(0, wide - _wide(cell))
        padded.append(blanks + cell if last else cell + blanks)
    return f"| {' | '.join(padded)} |"


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def prose(content: Sequence[Block]) -> list[str]:
    """A text panel's blocks as Markdown again: headings below the panel's, HTML in it stays text."""
    found: list[str] = []
    for block in content:
        text = "".join(map(_span, block.spans))
        if block.kind == "heading":
            found.append(f"{'#' * min(6, block.level + 3)} {text}")
        elif block.kind == "item":
            line = f"{'   ' * block.level}{'-' if block.marker in ('', '•') else block.marker} {text}"
            follows = bool(found) and found[-1].lstrip().startswith(("- ", *(f"{n}. " for n in range(1, 100))))
            found = [*found[:-1], f"{found[-1]}\n{line}"] if follows else [*found, line]
        elif block.kind == "quote":
            found.append(f"> {text}")
        elif block.kind == "code":
            code = "".join(span.text for span in block.spans)
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))
            found.append(f"{fence}\n{code}\n{fence}")
        else:
            found.append("---" if block.kind == "rule" else text)
    return found


def _span(span: Span) -> str:
    if span.code:
        fence = "`" * (1 + max((len(run) for run in re.findall("`+", span.text)), default=0))
        return f"{fence} {span.text} {fence}" if len(fence) > 1 else f"`{span.text}`"
    text = _MARKS.sub(r"\\\1", span.text)
    before, inner, after = text[: len(text) - len(text.lstrip())], text.strip(), text[len(text.rstrip()) :]
    if not inner:
        return text
    mark = "**" * span.bold + "*" * span.italic
    inner = f"{mark}{inner}{mark[::-1]}"
    if span.link:
        inner = f"[{inner}](<{span.link}>)" if "<" not in span.link and ">" not in span.link else inner
    return f"{before}{inner}{after}"
