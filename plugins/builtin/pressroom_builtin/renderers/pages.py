"""An edition's dashboards -> a book: what is on every page, with everything drawn, sized and worded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from pressroom import Edition, RenderError, Section, Table
from pressroom.locales import Locale
from pressroom_builtin.drawing.fonts import FAMILIES
from pressroom_builtin.drawing.themes import theme
from pressroom_builtin.renderers import arrange, footer, panels, typst_engine
from pressroom_builtin.renderers.arrange import Area
from pressroom_builtin.renderers.book import Book, Chapter, Page
from pressroom_builtin.renderers.panels import Press
from pressroom_builtin.renderers.tables import Sheet
from pressroom_builtin.renderers.widths import lines, shortened, width

A4 = (595.276, 841.89)
MARGIN, BOTTOM = 28.35, 34.0
UNIT = 0.8
"""Points a dashboard pixel at 100 %: panels of the usual 8 rows fill a page, two of them across A4, three down it."""
WIDE_TABLE = 12
"""Tables with more columns run over landscape pages."""
LOGO = (120.0, 30.0)
ASIDE = 8.0
"""Size of the text at the right of the header."""


@dataclass(frozen=True)
class Paper:
    """Sheets that a document is laid out on; `endless` is one page as high as it needs to be."""

    width: float
    height: float
    margin: float
    bottom: float
    unit: float
    endless: bool = False

    @classmethod
    def a4(cls, orientation: str, scale: float) -> Paper:
        """A4, with sizes at `scale`."""
        short, long = A4
        across, down = (short, long) if orientation == "portrait" else (long, short)
        return cls(across, down, MARGIN, BOTTOM, UNIT * scale)

    @property
    def room(self) -> float:
        """Width of the content."""
        return self.width - 2 * self.margin


def book(
    edition: Edition, sections: Sequence[Section], paper: Paper, press: Press, *, only_tables: bool = False
) -> Book:
    """The pages of some of an edition's dashboards, or of nothing but their tables."""
    chapter = _tables if only_tables else _chapter
    foot = (
        []
        if paper.endless
        else footer.footer(edition, paper.room, logo=bool(press.logo) and not _logo_above(edition, paper))
    )
    if foot:
        paper = replace(paper, bottom=max(paper.bottom, footer.height(foot)))
    made = [chapter(edition, section, paper, press) for section in sections]
    logo = press.logo
    above = logo is not None and _logo_above(edition, paper)
    height = paper.height
    if paper.endless:
        height = max((chapter.pages[0].height for chapter in made), default=0.0)
    language, _, region = press.locale.tag.replace("_", "-").partition("-")
    high = min(LOGO[1], LOGO[0] / logo.ratio) if logo and above else 0.0
    return Book(
        title=edition.title,
        author=edition.author,
        language=language,
        region=region if len(region) == 2 else "",
        fonts=list(FAMILIES),
        unit=paper.unit,
        width=paper.width,
        height=height,
        margin=paper.margin,
        bottom=paper.bottom,
        aside=_aside(edition, paper, press),
        logo=logo.name if logo else "",
        logo_width=high * logo.ratio if logo else 0.0,
        logo_height=high,
        logo_ratio=logo.ratio if logo else 1.0,
        page_words=_page_words(press.locale),
        footer=foot,
        colors={name: value for name, value in asdict(theme(press.theme)).items() if isinstance(value, str)},
        chapters=made,
    )


def compiled(made: Book, press: Press, compile: Callable[[], bytes]) -> bytes:
    """What `compile` makes of the book; pictures that the page engine refuses become boxes that say so.

    Raises:
        RenderError: it fails for another reason.
    """
    press.context.check()
    try:
        return compile()
    except RenderError:
        bad = typst_engine.refused(press.assets)
        if not bad:
            raise
    for box in (box for chapter in made.chapters for page in chapter.pages for box in page.boxes):
        if box.file in bad:
            box.kind, box.message = "error", bad[box.file]
            press.warnings.append(f"{box.title}: {box.message}")
    press.context.check()
    return compile()


def _logo_above(edition: Edition, paper: Paper) -> bool:
    """Whether the logo stands in the header rather than in the footer, which may name it and an endless page lacks."""
    branding = edition.branding
    headed = branding.show_header or branding.show_title or branding.show_time_range
    return headed and (paper.endless or not footer.has_logo(branding.page_footer))


def _aside(edition: Edition, paper: Paper, press: Press) -> list[str]:
    """What the right of every header says: the report, and when it was made."""
    if not edition.branding.show_header:
        return []
    moment = press.locale.moment(edition.composed_at, edition.zone)
    return [line for line in (shortened(edition.title, 0.3 * paper.room, ASIDE), moment) if line]


def _page_words(locale: Locale) -> list[str]:
    """What stands before the page number, between it and the number of pages, and behind; the template counts."""
    here, all_pages = "\x01", "\x02"
    before, _, rest = locale.word("page", n=here, m=all_pages).partition(here)
    between, _, after = rest.partition(all_pages)
    return [before, between, after]


def _chapter(edition: Edition, section: Section, paper: Paper, press: Press) -> Chapter:
    chapter = _heading(edition, section, paper, press)
    down = float("inf") if paper.endless else paper.height - paper.margin - paper.bottom
    area = Area(paper.room, down - chapter.top, down - chapter.running_top, paper.unit)
    if edition.layout.layout == "simple" and not paper.endless:
        placed = arrange.simple(section.panels, area, 3 if edition.layout.orientation == "portrait" else 1)
    else:
        placed = arrange.grid(section.panels, area)
    late: list[Page] = []
    for sheet in placed:
        made = [panels.make(item, section.zone, press) for item in sheet]
        height = max((item.y + item.height for item in sheet), default=0.0) + chapter.top + paper.margin + paper.bottom
        chapter.pages.append(Page(boxes=[item.box for item in made], height=height))
        if not paper.endless:
            rest = [_rest(item, paper, press) for item in made if item.rest is not None]
            (late if press.rest == "whole" else chapter.pages).extend(rest if press.rest != "nowhere" else ())
    chapter.pages.extend(late)
    return chapter


def _rest(made: panels.Made, paper: Paper, press: Press) -> Page:
    assert made.rest is not None
    start = 0 if press.rest == "whole" else made.shown
    title = press.locale.word("continued", title=made.box.title) if start else made.box.title
    return _flowing(made.rest, start, title, paper, press)


def _flowing(sheet: Sheet, start: int, title: str, paper: Paper, press: Press) -> Page:
    wide = len(sheet.columns) > WIDE_TABLE and paper.height > paper.width
    room = (paper.height if wide else paper.width) - 2 * paper.margin
    return Page(flows=panels.flows(sheet, start, room, press, title), wide=wide)


def _tables(edition: Edition, section: Section, paper: Paper, press: Press) -> Chapter:
    """Only the tables of a dashboard, whole; those that failed are boxes in the document that shows everything."""
    chapter = _heading(edition, section, paper, press)
    for panel in section.panels:
        if isinstance(panel.figure, Table) and not panel.error:
            press.context.check()
            sheet = panels.read(panel, panel.figure, section.zone, press)
            if sheet.columns:
                chapter.pages.append(_flowing(sheet, 0, panel.title, paper, press))
    return chapter


def _heading(edition: Edition, section: Section, paper: Paper, press: Press) -> Chapter:
    branding, locale = edition.branding, press.locale
    aside = _aside(edition, paper, press)
    above = press.logo is not None and _logo_above(edition, paper)
    room = paper.room - (LOGO[0] + 10 if above else 0) - max((width(line, ASIDE) + 10 for line in aside), default=0.0)
    shown = branding.show_title
    size = next((size for size in (16.0, 13.0, 11.0, 9.0) if width(section.title, size) <= room), 9.0)
    title = [shortened(section.title, room, size)] if shown and section.title else []
    span = ""
    if branding.show_time_range:
        span = locale.time_range(section.start, section.end, section.zone)
    facts = _facts(edition, section, press, room)
    top = len(title) * (size * 1.05 + 4) + (14 if span else 0) + len(facts) * 12
    running = 11.0 * bool(title) + 11.0 * bool(span)
    beside = max(LOGO[1] if above else 0.0, 11.0 * len(aside))
    top, running = max(top, beside), max(running, beside)
    return Chapter(
        bookmark=section.title or section.uid,
        title=title,
        title_size=size,
        running=shortened(section.title, room, 9.0) if shown else "",
        range=span,
        facts=facts,
        top=top + 8 if top else 0.0,
        running_top=running + 8 if running else 0.0,
    )


def _facts(edition: Edition, section: Section, press: Press, room: float) -> list[str]:
    """Chosen variables, one after the other on at most four lines."""
    if not edition.layout.show_variables:
        return []
    found: list[str] = []
    for choice in section.choices:
        chosen = press.locale.word("all") if choice.everything else ", ".join(choice.values) or "–"
        said = f"{choice.label or choice.name}: {chosen}"
        if found and lines(f"{found[-1]}  |  {said}", room, 8.0) == 1:
            found[-1] = f"{found[-1]}  |  {said}"
        else:
            found.append(shortened(said, room, 8.0))
    return found if len(found) <= 4 else [*found[:3], shortened("  |  ".join(found[3:]), room, 8.0)]
