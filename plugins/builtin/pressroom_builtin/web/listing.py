"""The dashboards that somebody may read, by project, as a page of HTML; without asking any source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pressroom.locales import Locale, clean
from pressroom.templating import one_line
from pressroom_builtin.renderers.web_panels import CELL, THEMES, template

MOST, LONGEST = 1000, 300
"""Dashboards that are listed, and characters of what is said about each."""


@dataclass(frozen=True)
class Entry:
    """A dashboard: its name, what is said about it, where its page is."""

    name: str
    about: str
    address: str

    @classmethod
    def of(cls, project: str, uid: str, name: str, description: str) -> Entry:
        """The entry of a dashboard as the store has it."""
        # a description may be as long as a book
        about = one_line(description[: 2 * LONGEST], LONGEST)
        return cls(one_line(name) or uid, about, f"/d/{project}/{uid}")


@dataclass(frozen=True)
class Shelf:
    """The dashboards of one project."""

    name: str
    entries: Sequence[Entry]


def listing(shelves: Sequence[Shelf], locale: Locale, *, who: str = "", most: int = MOST) -> bytes:
    """The page, by name.

    Args:
        shelves: what there is, in any order; empty ones are left out.
        who: name of the user who can sign out.
        most: dashboards that are listed; of the others it says how many they are.
    """
    left = sum(len(shelf.entries) for shelf in shelves) - most
    values = {
        "lang": locale.tag,
        "title": locale.word("dashboards"),
        "who": who,
        "sign_out": locale.word("sign_out"),
        "shelves": list(_cut(shelves, most)),
        "nothing": locale.word("dashboards_none"),
        "more": locale.word("dashboards_more", count=left) if left > 0 else "",
        "themes": THEMES,
        "cell": CELL,
    }
    return clean(template(__package__, "listing.html.j2").render(values)).encode("utf-8", "replace")


def _cut(shelves: Sequence[Shelf], most: int) -> Iterator[Shelf]:
    """Those that fit, both sorted as people sort names."""
    for shelf in sorted(shelves, key=lambda each: each.name.casefold()):
        entries = sorted(shelf.entries, key=lambda each: (each.name.casefold(), each.address))[:most]
        most -= len(entries)
        if entries:
            yield Shelf(shelf.name, entries)
