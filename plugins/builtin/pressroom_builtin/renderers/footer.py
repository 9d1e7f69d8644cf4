"""What stands at the foot of every page: the page number, or what the project's branding says instead."""

from __future__ import annotations

from collections.abc import Sequence

from pressroom import Edition, FooterPart
from pressroom.locales import Locale
from pressroom.timerange import zone_info
from pressroom_builtin.renderers.book import Foot
from pressroom_builtin.renderers.widths import shortened

POINTS = 0.75
"""A CSS pixel in points."""
SIZE, LOGO_SIZE = 7.5, 27.0
_DATES = {"dd/MM/yyyy": "%d/%m/%Y", "MM/dd/yyyy": "%m/%d/%Y", "MM/yyyy": "%m/%Y", "yyyy-MM-dd": "%Y-%m-%d"}


def has_logo(parts: Sequence[FooterPart]) -> bool:
    """Whether the branding wants the logo at the foot, rather than at the head."""
    return any(part.kind == "logo" for part in parts)


def footer(edition: Edition, room: float, *, logo: bool) -> list[Foot]:
    """The parts from left to right.

    Args:
        room: width of a page's content; texts that have none are cut.
        logo: whether it stands here, be it named or not.
    """
    parts = [_foot(part, edition) for part in edition.branding.page_footer if logo or part.kind != "logo"]
    if not parts:
        parts = [Foot(kind="page")] if logo else [Foot(kind="space"), Foot(kind="page"), Foot(kind="space")]
    if logo and not has_logo(edition.branding.page_footer):
        parts += [Foot(kind="space"), Foot(kind="logo", size=LOGO_SIZE)]
    texts = [part for part in parts if part.kind == "text"]
    for part in texts:
        part.text = shortened(part.text, 0.75 * room / len(texts), part.size)
    return parts


def height(parts: Sequence[Foot]) -> float:
    """Points that the highest of them needs, with what is left free around it."""
    return max((part.size * (1.0 if part.kind == "logo" else 1.3) for part in parts), default=0.0) + 7.0


def _foot(part: FooterPart, edition: Edition) -> Foot:
    size = part.size * POINTS or (LOGO_SIZE if part.kind == "logo" else SIZE)
    text = part.text
    if part.kind == "date":
        wall = edition.composed_at.astimezone(zone_info(edition.zone))
        form = _DATES.get(text)
        text = wall.strftime(form) if form else Locale.of(edition.locale).date(edition.composed_at, edition.zone)
    return Foot(
        kind="text" if part.kind == "date" else part.kind,
        text=text,
        size=size,
        bold=part.bold,
        italic=part.italic,
        color=part.color,
    )
