"""The choice of another range, without scripts: some usual ones as links, and a form for any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from pressroom import Section
from pressroom.locales import Locale
from pressroom.timerange import zone_info

CHOSEN = "var-"
USUAL: tuple[tuple[str, int, str, str], ...] = (
    ("range_today", 0, "now/d", "now/d"),
    ("range_yesterday", 0, "now-1d/d", "now-1d/d"),
    ("range_days", 7, "now-7d", "now"),
    ("range_days", 30, "now-30d", "now"),
    ("range_days", 90, "now-90d", "now"),
    ("range_this_month", 0, "now/M", "now/M"),
    ("range_last_month", 0, "now-1M/M", "now-1M/M"),
    ("range_this_year", 0, "now/y", "now/y"),
)
"""Word, count, from, to."""


def picker(section: Section, locale: Locale, given: tuple[str, str], chosen: Mapping[str, Sequence[str]]) -> Any:
    """What the template needs.

    Args:
        section: what is shown.
        given: both ends of the range as the address has them.
        chosen: values of variables that the address has, and which stay.
    """
    kept = [(f"{CHOSEN}{name}", value) for name, values in chosen.items() for value in values]
    links = [("range_own", 0, "", ""), *USUAL]
    return {
        "button": locale.word("range_change"),
        "links": [
            (locale.word(word, count=count), _address(start, end, kept), given == (start, end))
            for word, count, start, end in links
        ],
        "from": locale.word("range_from"),
        "to": locale.word("range_to"),
        "apply": locale.word("range_apply"),
        "start": _wall(section.start, section.zone),
        "end": _wall(section.end, section.zone),
        "kept": kept,
    }


def _address(start: str, end: str, kept: Sequence[tuple[str, str]]) -> str:
    return "?" + urlencode([*([("from", start), ("to", end)] if start else ()), *kept])


def _wall(moment: datetime, zone: str) -> str:
    """A moment as a browser's field for date and time takes it."""
    wall = moment.astimezone(zone_info(zone)).replace(tzinfo=None, fold=0)
    return wall.isoformat(timespec="seconds" if wall.second else "minutes")
