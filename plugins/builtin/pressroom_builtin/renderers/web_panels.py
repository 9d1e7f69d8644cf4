"""Panels as HTML: what a dashboard's page and a report in HTML are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

from pressroom import Cancelled, Context, Kind, Number, Panel, Plot, PressroomError, Table, Text, VegaLite
from pressroom.locales import Locale
from pressroom.timerange import to_ms
from pressroom_builtin import drawing
from pressroom_builtin.drawing.themes import DARK, LIGHT, Theme
from pressroom_builtin.renderers import tables
from pressroom_builtin.renderers.panels import change, trend, written

if TYPE_CHECKING:
    import jinja2

    from pressroom import Figure

ROWS = 200
"""Of a table that are shown."""
COLUMN, CELL, PAD, HEAD, NOTE = 50, 36, 26, 26, 20
"""CSS pixels of a grid column, a grid row, around a panel's content, of its title, of the line under it."""
THEMES = (LIGHT, DARK)
LINKS = ("http://", "https://", "mailto:")
_REFERENCE = re.compile(r'(\bid="|url\(#|href="#)')


@dataclass(frozen=True)
class Desk:
    """What all panels of a page share.

    Attributes:
        context: its folder holds the spools.
        hidden: said in place of what a panel's error says; empty to show it.
        rows: of a table that are shown at most.
        themes: that charts are drawn in.
        stage: takes the specifications of charts for a page with scripts; None for a page without.
    """

    context: Context
    locale: Locale
    zone: str
    hidden: str = ""
    rows: int = ROWS
    themes: tuple[Theme, ...] = THEMES
    stage: Stage | None = None

    def panel(self, panel: Panel, number: int) -> dict[str, Any]:
        """What the template shows of a panel; a figure that fails to draw costs its own box only."""
        self.context.check()
        place = {"place": panel.grid, "title": panel.title, "number": number, "live": self.stage is not None}
        if panel.error or panel.figure is None:
            return place | self._failed(panel.error)
        try:
            return place | self._filled(panel, panel.figure, number)
        except Cancelled:
            raise
        except Exception as error:  # whatever a drawer or a damaged spool raises costs one panel, not the page
            self.context.check()
            if isinstance(error, PressroomError):
                return place | self._failed(error.message)
            self.context.log.exception("panel %s cannot be drawn", panel.uid)
            return place | self._failed("the chart cannot be drawn")

    def _failed(self, message: str) -> dict[str, Any]:
        return {"kind": "error", "message": self.hidden or message}

    def _filled(self, panel: Panel, figure: Figure, number: int) -> dict[str, Any]:
        if drawing.is_empty(figure):
            return {"kind": "empty"}
        if isinstance(figure, Table):
            sheet = tables.read(panel, figure, self.context.folder, locale=self.locale, zone=self.zone, most=self.rows)
            if not sheet.rows:
                return {"kind": "empty"}
            note = tables.count_note(sheet, len(sheet.rows), self.locale)
            right = [column.kind is Kind.number for column in sheet.columns]
            keys = _keys(sheet) if self.stage is not None else []
            return {"kind": "table", "sheet": sheet, "right": right, "note": note, "keys": keys}
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
        wide, high = room(panel, note)
        found = []
        if self.stage is not None:
            self.stage.add(panel, figure, number, (wide, high), self.locale.tag)
        for theme in self.themes:
            picture = drawing.svg(figure, width=wide, height=high, theme=theme.name, locale=self.locale.tag)
            found.append((theme.name, _REFERENCE.sub(rf"\g<1>{theme.name}{number}-", picture)))
        return found


class Stage(Protocol):
    """Takes a chart whose picture a script brings to life."""

    def add(self, panel: Panel, figure: Plot | VegaLite, number: int, size: tuple[float, float], locale: str) -> None:
        """Take a chart; `number` is its place on the page, `size` its picture's in CSS pixels."""


def _keys(sheet: tables.Sheet) -> list[list[str]]:
    """What a table's rows are sorted by: numbers, and times in ms; empty where the text itself is."""
    return [["" if value is None else _key(value) for value in row] for row in sheet.values]


def _key(value: Any) -> str:
    if isinstance(value, datetime):
        return str(to_ms(value))
    return "" if isinstance(value, str) else repr(value)


def room(panel: Panel, note: str) -> tuple[float, float]:
    """Width and height of a chart in its panel, in CSS pixels."""
    high = panel.grid.h * CELL - PAD - (HEAD if panel.title else 0) - (NOTE if note else 0)
    return panel.grid.w * COLUMN - PAD, high


def _markdown(text: str) -> str:
    """Markdown as HTML; HTML in it stays text, pictures are not loaded, links go to web and mail addresses only."""
    from markdown_it import MarkdownIt

    class Reader(MarkdownIt):
        def validateLink(self, url: str) -> bool:
            return url.lower().startswith(LINKS)

    made: str = Reader("commonmark", {"html": False}).disable("image").render(text)
    return made


@lru_cache(maxsize=4)
def template(package: str, name: str) -> jinja2.Template:
    """A template of a package's `templates`, which may import those that are here."""
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def load(wanted: str) -> str | None:
        places = (files(each) / "templates" / wanted for each in (package, __package__))
        return next((place.read_text("utf-8") for place in places if place.is_file()), None)

    environment = ImmutableSandboxedEnvironment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(load),
    )
    return environment.get_template(name)
