"""`pdf`: dashboards on A4 pages, with vector charts and text that can be searched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Annotated, ClassVar, Literal

import pydantic

from pressroom import Context, Document, Edition, PluginConfig, PluginOptions, Renderer, Section, Table
from pressroom.locales import Locale
from pressroom_builtin.drawing.fonts import FAMILIES, font_folders
from pressroom_builtin.renderers import typst_engine
from pressroom_builtin.renderers.book import Book
from pressroom_builtin.renderers.logo import load
from pressroom_builtin.renderers.names import Names, safe
from pressroom_builtin.renderers.pages import Paper, book, compiled
from pressroom_builtin.renderers.panels import Press

ROWS, MOST_ROWS = 1_000, 10_000
"""Rows of a table that are printed, and of one that comes whole."""
_REST: dict[str, Literal["behind", "whole", "nowhere"]] = {
    "none": "behind",
    "append": "whole",
    "separate": "nowhere",
    "both": "whole",
}
TAGGED_CELLS = 2_000
"""Documents with more table cells are written without tags unless the options ask for them."""


class PdfOptions(PluginOptions):
    """`formats: [{pdf: {tables: append}}]`."""

    tables: Literal["none", "append", "separate", "both"] = pydantic.Field(
        default="none",
        description="`none`: a table that is longer than its place goes on behind its page; "
        "`append`: such tables follow whole at the end of the dashboard; "
        "`separate`: all tables come whole in a second document; `both`: there and at the end.",
    )
    max_rows: Annotated[int, pydantic.Field(ge=1, le=MOST_ROWS)] | None = pydantic.Field(
        default=None,
        description="Rows of a table that are printed: 1,000 where nothing is said, 10,000 where tables come whole; "
        "fewer where all tables together are very large. The page says how many there are.",
    )
    tagged: bool | None = pydantic.Field(
        default=None,
        description="Write tags for screen readers; by default unless the tables are so long that tags would "
        "make the file many times larger.",
    )


class PdfRenderer(Renderer[PluginConfig, PdfOptions]):
    """A4 pages laid out by Typst."""

    name = "pdf"
    summary = "A4 pages with vector charts, searchable text and bookmarks"
    Options: ClassVar[type[PluginOptions]] = PdfOptions
    requires = ("typst", "vl_convert", "pypdf", "PIL")
    media_type = "application/pdf"
    suffix = ".pdf"
    protects = True

    def check(self) -> str:
        """Prove that the fonts are there."""
        return set_in()

    def render(self, edition: Edition, options: PdfOptions, context: Context) -> Iterator[Document]:
        """One document of all dashboards where the layout combines them, else one of each; tables apart if asked."""
        names = Names()
        stem = safe(edition.filename, "report")
        parts = [(stem, edition.sections)]
        if not edition.layout.combine and len(edition.sections) > 1:
            parts = [(f"{stem} - {safe(section.title, section.uid)}", (section,)) for section in edition.sections]
        for base, sections in parts:
            yield self._document(edition, sections, names.unique(base, self.suffix), options, context)
            if options.tables in ("separate", "both") and any(map(_has_table, sections)):
                name = names.unique(f"{base} - tables", self.suffix)
                yield self._document(edition, sections, name, options, context, only_tables=True)

    def _document(
        self,
        edition: Edition,
        sections: Sequence[Section],
        name: str,
        options: PdfOptions,
        context: Context,
        *,
        only_tables: bool = False,
    ) -> Document:
        layout = edition.layout
        paper = Paper.a4(layout.orientation, layout.scale)
        press = _press(edition, paper, options, context)
        made = book(edition, sections, paper, press, only_tables=only_tables)
        tagged = _cells(made) <= TAGGED_CELLS if options.tagged is None else options.tagged

        def compile() -> bytes:
            return typst_engine.pdf(made, press.assets, context.folder, created=edition.composed_at, tagged=tagged)

        content = compiled(made, press, compile)
        if edition.password:
            content = encrypted(content, edition.password)
        context.check()
        path = f"{self.name}-{name}"
        (context.folder / path).write_bytes(content)
        return Document(
            name=name,
            media_type=self.media_type,
            path=path,
            size=len(content),
            format=self.name,
            section=sections[0].uid if len(sections) == 1 else "",
            warnings=tuple(press.warnings),
        )


def _press(edition: Edition, paper: Paper, options: PdfOptions, context: Context) -> Press:
    max_rows = options.max_rows or (ROWS if options.tables == "none" else MOST_ROWS)
    press = Press(context, Locale.of(edition.locale), edition.branding.theme, paper.unit, max_rows)
    press.rest = _REST[options.tables]
    brand(edition, press)
    return press


def _has_table(section: Section) -> bool:
    return any(isinstance(panel.figure, Table) and not panel.error for panel in section.panels)


def set_in() -> str:
    """The fonts of pages and pictures, for people.

    Raises:
        MissingDependency: one is not installed.
    """
    font_folders()
    return f"set in {', '.join(FAMILIES)}"


def brand(edition: Edition, press: Press) -> None:
    """Put the report's logo among the document's pictures; one that cannot be shown is a warning."""
    if not edition.branding.report_logo:
        return
    try:
        press.logo = load(press.folder / edition.branding.report_logo)
    except ValueError as error:
        press.warnings.append(press.locale.word("logo_missing", reason=f"{edition.branding.report_logo} {error}"))
        return
    press.assets[press.logo.name] = press.logo.content


def _cells(made: Book) -> int:
    grids = [box.grid for chapter in made.chapters for page in chapter.pages for box in page.boxes if box.grid]
    grids += [flow.grid for chapter in made.chapters for page in chapter.pages for flow in page.flows]
    return sum(len(grid.cells) for grid in grids)


def encrypted(content: bytes, password: str) -> bytes:
    """The document with AES-256; readers must enter the password."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    writer.encrypt(password, algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
