"""`atom`: a report as an Atom feed (RFC 4287), an entry for each chart, for feed readers and other programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar
from xml.etree import ElementTree as xml

import pydantic

from pressroom import Context, Document, Edition, Number, Panel, PluginConfig, PluginOptions, Renderer, Section, Text

ATOM = "http://www.w3.org/2005/Atom"


class AtomOptions(PluginOptions):
    """`formats: [{atom: {rows: 20}}]`."""

    rows: int = pydantic.Field(10, ge=0, le=1000, description="Rows of each chart in its entry.")


class AtomRenderer(Renderer[PluginConfig, AtomOptions]):
    """One feed; its ids are made of uids and the planned moment, so that a reader shows each entry once."""

    name: ClassVar[str] = "atom"
    summary: ClassVar[str] = "An Atom feed with an entry for each chart"
    Options: ClassVar[type[PluginOptions]] = AtomOptions
    media_type: ClassVar[str] = "application/atom+xml"
    suffix: ClassVar[str] = ".atom"

    def render(self, edition: Edition, options: AtomOptions, context: Context) -> Iterator[Document]:
        """The feed."""
        feed = xml.Element("feed", xmlns=ATOM)
        mark = f"urn:pressroom:{edition.report or 'adhoc'}:{_moment(edition.planned_at)}"
        _add(feed, "id", mark)
        _add(feed, "title", edition.title)
        # the planned moment, not the present one: the same edition gives the same bytes
        _add(feed, "updated", _moment(edition.planned_at))
        _add(xml.SubElement(feed, "author"), "name", edition.author or "Pressroom")
        for section in edition.sections:
            for panel in section.panels:
                context.check()
                entry = _entry(section, panel, mark, _moment(edition.planned_at))
                _add(entry, "content", "\n".join(_lines(panel, options, context))).set("type", "text")
                feed.append(entry)
        context.check()
        path = context.folder / f"{self.name}-feed{self.suffix}"
        path.write_bytes(xml.tostring(feed, encoding="utf-8", xml_declaration=True))
        name, size = f"{edition.filename}{self.suffix}", path.stat().st_size
        yield Document(name=name, media_type=self.media_type, path=path.name, size=size, format=self.name)


def _entry(section: Section, panel: Panel, mark: str, updated: str) -> xml.Element:
    entry = xml.Element("entry")
    _add(entry, "id", f"{mark}:{section.uid}:{panel.uid}")
    _add(entry, "title", f"{section.title}: {panel.title or panel.uid}")
    _add(entry, "updated", updated)
    if section.url.startswith(("http://", "https://")):
        xml.SubElement(entry, "link", href=section.url)
    return entry


def _lines(panel: Panel, options: AtomOptions, context: Context) -> Iterator[str]:
    """What an entry says of a chart; one that failed says why."""
    if panel.error:
        yield panel.error
        return
    if isinstance(panel.figure, Text):
        yield panel.figure.markdown
    if isinstance(panel.figure, Number):
        yield from (f"{item.label}: {item.value} {item.unit}".strip() for item in panel.figure.items)
    if panel.rows is None or not options.rows:
        return
    yield " | ".join(column.title for column in panel.rows.columns)
    for batch in panel.rows.dataset(context.folder).batches(options.rows):
        yield from (" | ".join("" if value is None else str(value) for value in row) for row in batch.rows())
        break
    left = panel.rows.spool.rows - options.rows
    if left > 0:
        yield f"and {left} more rows"


def _add(parent: xml.Element, tag: str, text: str) -> xml.Element:
    element = xml.SubElement(parent, tag)
    element.text = text
    return element


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
