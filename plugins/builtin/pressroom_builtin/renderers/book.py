"""What the page template reads as JSON: pages of boxes, all lengths in points, all text ready to be set."""

from __future__ import annotations

from typing import Literal

import msgspec


class Grid(msgspec.Struct, kw_only=True):
    """A table or a stretch of one.

    Attributes:
        widths: of the columns.
        aligns: `left` or `right`, one a column.
        head: titles of the columns.
        cells: row after row.
        size: of the text.
        repeat: True where the header comes again on every page.
    """

    widths: list[float]
    aligns: list[str]
    head: list[str]
    cells: list[str]
    size: float
    repeat: bool = False


class Figure(msgspec.Struct, kw_only=True):
    """One large number: its value, what it counts, and the change since the period before."""

    value: str
    size: float
    label: str = ""
    change: str = ""
    trend: Literal["", "good", "bad"] = ""


class Span(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A run of text in one style; `link` is an http(s) or mail address."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str = ""


class Block(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A block of a text panel: a heading, a paragraph, a line of a list (with its depth), a rule, code."""

    kind: Literal["heading", "paragraph", "item", "quote", "code", "rule"]
    spans: list[Span] = []
    level: int = 0
    marker: str = ""


class Box(msgspec.Struct, kw_only=True):
    """A panel on a page.

    Attributes:
        x, y, width, height: from the page's upper left content corner.
        title: on one line; empty for none.
        kind: decides which of the other fields is shown.
        file: picture of a chart, in the template's folder.
        message: of an error or an empty panel.
        note: on one line under the content.
    """

    x: float
    y: float
    width: float
    height: float
    title: str
    kind: Literal["chart", "numbers", "table", "text", "error", "empty"]
    file: str = ""
    alt: str = ""
    message: str = ""
    note: str = ""
    grid: Grid | None = None
    numbers: list[Figure] = []
    blocks: list[Block] = []


class Flow(msgspec.Struct, kw_only=True):
    """A table that runs over pages of its own."""

    title: str
    note: str
    grid: Grid


class Foot(msgspec.Struct, kw_only=True):
    """Something at the foot of every page; `space` takes what room is left.

    Attributes:
        size: of the text, or height of the logo.
        color: `#rgb` or `#rrggbb`; empty for the usual one.
    """

    kind: Literal["page", "text", "logo", "space"]
    text: str = ""
    size: float = 7.5
    bold: bool = False
    italic: bool = False
    color: str = ""


class Page(msgspec.Struct, kw_only=True):
    """A page of boxes, or pages that tables flow over; `wide` turns portrait pages."""

    boxes: list[Box] = []
    flows: list[Flow] = []
    wide: bool = False
    height: float = 0.0


class Chapter(msgspec.Struct, kw_only=True):
    """One dashboard.

    Attributes:
        bookmark: its title in the document's outline.
        title: lines of the title on its first page.
        title_size: of these lines.
        running: the title on one line, on its other pages.
        range: the time range, on one line.
        facts: lines under the title: chosen variables.
        top: height of the first page's header; `running_top` of the others'.
    """

    bookmark: str
    title: list[str]
    title_size: float
    running: str
    range: str
    facts: list[str]
    top: float
    running_top: float
    pages: list[Page] = []


class Book(msgspec.Struct, kw_only=True):
    """A document.

    Attributes:
        fonts: names of families; the first that has a letter sets it.
        unit: points a dashboard pixel; every size in the template is a multiple of it.
        aside: lines at the right of every page's header.
        logo: file in the template's folder; empty for none.
        logo_width, logo_height: of the one in the header; 0 where it is not there.
        logo_ratio: its width over its height.
        page_words: what stands around the page number and the number of pages.
        footer: from left to right; empty for none.
        colors: of the theme.
    """

    title: str
    author: str
    language: str
    region: str
    fonts: list[str]
    unit: float
    width: float
    height: float
    margin: float
    bottom: float
    aside: list[str]
    logo: str
    logo_width: float
    logo_height: float
    logo_ratio: float
    page_words: list[str]
    footer: list[Foot]
    colors: dict[str, str]
    chapters: list[Chapter]
