"""An edition of one dashboard -> a page of HTML: one file, no scripts, nothing that is loaded from anywhere."""

from __future__ import annotations

from pressroom import Context, Edition
from pressroom.locales import Locale, clean
from pressroom.templating import one_line
from pressroom_builtin.renderers.web_panels import CELL, THEMES, Desk, template


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
    values = {
        "lang": locale.tag,
        "title": one_line(section.title) or section.uid,
        "description": section.description,
        "range": locale.time_range(section.start, section.end, section.zone),
        "zone": section.zone,
        "choices": [(choice.label, ", ".join(choice.values)) for choice in section.choices],
        "warnings": edition.warnings,
        "panels": [desk.panel(panel, number) for number, panel in enumerate(section.panels)],
        "no_data": locale.word("no_data"),
        "themes": THEMES,
        "cell": CELL,
    }
    return clean(template(__package__, "dashboard.html.j2").render(values)).encode()
