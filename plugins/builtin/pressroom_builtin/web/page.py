"""An edition of one dashboard -> a page of HTML: one file, no scripts, nothing that is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pressroom import Context, Edition
from pressroom.locales import Locale, clean
from pressroom.templating import one_line
from pressroom_builtin.renderers.web_panels import CELL, THEMES, Desk, template
from pressroom_builtin.web.picker import picker


@dataclass(frozen=True)
class Asked:
    """What an address asks for.

    Attributes:
        start, end: the range, as in a dashboard's `time_range`; its own where both are empty.
        variables: chosen values by name; those not named keep the dashboard's own.
    """

    start: str = ""
    end: str = ""
    variables: Mapping[str, Sequence[str]] = field(default_factory=dict)


def page(edition: Edition, context: Context, *, hidden: str = "", asked: Asked | None = None, who: str = "") -> bytes:
    """The page of an edition's first dashboard.

    Args:
        context: its folder holds the spools.
        hidden: said in place of what a panel's error says; empty to show it.
        asked: what was asked for, to choose something else from there; None where nothing else may be chosen.
        who: name of the user who can sign out.

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
        "picker": picker(section, locale, (asked.start, asked.end), asked.variables) if asked else None,
        "by_link": locale.word("shown_by_link"),
        "who": who,
        "dashboards": locale.word("dashboards"),
        "sign_out": locale.word("sign_out"),
        "choices": [(choice.label, ", ".join(choice.values)) for choice in section.choices],
        "warnings": edition.warnings,
        "panels": [desk.panel(panel, number) for number, panel in enumerate(section.panels)],
        "no_data": locale.word("no_data"),
        "themes": THEMES,
        "cell": CELL,
    }
    return clean(template(__package__, "dashboard.html.j2").render(values)).encode()
