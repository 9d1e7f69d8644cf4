"""An edition of one dashboard -> a page of HTML: one file, no scripts, nothing that is loaded from anywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from pressroom import Cancelled, Context, Edition, Kind, Number, Panel, Plot, PressroomError, Table, Text, VegaLite
from pressroom.locales import Locale, clean
from pressroom.templating import one_line
from pressroom_builtin import drawing
from pressroom_builtin.drawing.themes import DARK, LIGHT
from pressroom_builtin.renderers import tables
from pressroom_builtin.renderers.panels import change, trend, written

if TYPE_CHECKING:
    import jinja2

    from pressroom import Figure

ROWS = 200
"""Of a table that are shown."""
COLUMN, CELL, PAD, HEAD, NOTE = 50, 36, 26, 26, 20
"""CSS pixels of a grid column, a grid row, around a panel's content, of its title, of the line under it."""
LINKS = ("http://", "https://", "mailto:")
_REFERENCE = re.compile(r'(\bid="|url\(#|href="#)')


def page(edition: Edition, context: Context, *, hidden: str = "") -> bytes:
    """The page of an edition's first dashboard.

    Args:
        context: its folder holds the spools.
        hidden: said in place of what a panel's error says; empty to show it.

    Raises:
        Cancelled, TimedOut: as `context` says.
    """
    locale, section = Locale.of(edition.locale), edition.sections[0]
    desk = Desk(context, locale, section.zone, hidden)
    panels = [
        {**desk.panel(panel, number), "place": panel.grid, "title": panel.title}
        for number, panel in enumerate(section.panels)
    ]
    values = {
        "lang": locale.tag,
        "title": one_line(section.title) or section.uid,
        "description": section.description,
        "range": locale.time_range(section.start, section.end, section.zone),
        "zone": section.zone,
        "choices": [(choice.label, ", ".join(choice.values)) for choice in section.choices],
        "warnings": edition.warnings,
        "panels": panels,
        "no_data": locale.word("no_data"),
        "themes": (LIGHT, DARK),
        "cell": CELL,
    }
    return clean(_template().render(values)).encode()


@dataclass(frozen=True)
class Desk:
    """What all panels of a page share.

    Attributes:
        hidden: see `page`.
    """

    context: Context
    locale: Locale
    zone: str
    hidden: str

    def panel(self, panel: Panel, number: int) -> dict[str, Any]:
        """What the template shows of a panel; a figure that fails to draw costs its own box only."""
        self.context.check()
        if panel.error or panel.figure is None:
            return self._failed(panel.error)
        try:
            return self._filled(panel, panel.figure, number)
        except Cancelled:
            raise
        except Exception as error:  # whatever a drawer or a damaged spool raises costs one panel, not the page
            self.context.check()
            if isinstance(error, PressroomError):
                return self._failed(error.message)
            self.context.log.exception("panel %s cannot be drawn", panel.uid)
            return self._failed("the chart cannot be drawn")

    def _failed(self, message: str) -> dict[str, Any]:
        return {"kind": "error", "message": self.hidden or message}

    def _filled(self, panel: Panel, figure: Figure, number: int) -> dict[str, Any]:
        if drawing.is_empty(figure):
            return {"kind": "empty"}
        if isinstance(figure, Table):
            sheet = tables.read(panel, figure, self.context.folder, locale=self.locale, zone=self.zone, most=ROWS)
            if not sheet.rows:
                return {"kind": "empty"}
            note = tables.count_note(sheet, len(sheet.rows), self.locale)
            right = [column.kind is Kind.number for column in sheet.columns]
            return {"kind": "table", "sheet": sheet, "right": right, "note": note}
        if isinstance(figure, Number):
            locale = self.locale
            items = [(item.label, written(item, locale), change(item, locale), trend(item)) for item in figure.items]
            return {"kind": "numbers", "items": items}
        if isinstance(figure, Text):
            return {"kind": "text", "html": _markdown(figure.markdown)}
        note = figure.note if isinstance(figure, Plot) else ""
        return {"kind": "chart", "pictures": self._pictures(panel, figure, number, note), "note": note}

    def _pictures(self, panel: Panel, figure: Plot | VegaLite, number: int, note: str) -> list[tuple[str, str]]:
        """The picture in both themes; the reader's browser chooses.

        Ids are made the picture's own: on one page the second `clip0` would be cut by the first.
        """
        wide = panel.grid.w * COLUMN - PAD
        high = panel.grid.h * CELL - PAD - (HEAD if panel.title else 0) - (NOTE if note else 0)
        found = []
        for theme in ("light", "dark"):
            picture = drawing.svg(figure, width=wide, height=high, theme=theme, locale=self.locale.tag)
            found.append((theme, _REFERENCE.sub(rf"\g<1>{theme}{number}-", picture)))
        return found


def _markdown(text: str) -> str:
    """Markdown as HTML; HTML in it stays text, pictures are not loaded, links go to web and mail addresses only."""
    from markdown_it import MarkdownIt

    class Reader(MarkdownIt):
        def validateLink(self, url: str) -> bool:
            return url.lower().startswith(LINKS)

    made: str = Reader("commonmark", {"html": False}).disable("image").render(text)
    return made


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string((files(__package__) / "templates" / "dashboard.html.j2").read_text("utf-8"))
