"""What a client writes into the address of a chart's data: which chart, which form, which range, which rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pressroom import NotFound, UsageError
from pressroom_builtin.growingio.answers import MEDIA_TYPES
from pressroom_builtin.growingio.buckets import DAY, Asked

MOST_ROWS = 1_000_000
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_CURSOR = re.compile(r"([0-9]{1,12})-([0-9a-f]{8})", re.ASCII)


@dataclass(frozen=True)
class Page:
    """Which rows: all of them where `limit` is None.

    Attributes:
        offset: of the first one.
        tag: beginning of the answer's tag that the offset belongs to; empty for a first page.
    """

    limit: int | None = None
    offset: int = 0
    tag: str = ""

    def check(self, tag: str) -> None:
        """See that the rows are those that the cursor was made for.

        Raises:
            UsageError: they have changed since.
        """
        if self.tag and not tag.startswith(self.tag):
            raise UsageError("cursor: the rows have changed since it was given; begin again without it")

    def next(self, total: int, tag: str) -> str:
        """The cursor of the page after this one; empty where there is none."""
        if self.limit is None or self.offset + self.limit >= total:
            return ""
        return f"{self.offset + self.limit}-{tag[:8]}"


@dataclass(frozen=True)
class Wanted:
    """A chart's data as asked for; equal ones have equal answers."""

    project: str
    uid: str
    form: str
    asked: Asked
    page: Page
    audience: bool


def split_ending(name: str, endings: Mapping[str, object]) -> tuple[str, str]:
    """The uid and the ending without its dot.

    Raises:
        NotFound: another ending, or none.
    """
    uid, _, ending = name.rpartition(".")
    if not uid or ending not in endings:
        known = ", ".join(f".{each}" for each in endings)
        raise NotFound(f"no such page; addresses here end in {known}")
    return uid, ending


def read_chart(project: str, name: str, query: Mapping[str, str], *, audience: bool) -> Wanted:
    """What an address and its query ask for; parameters that nobody knows are ignored.

    Raises:
        NotFound: the address has another ending.
        UsageError: a parameter that cannot be; names it.
    """
    uid, form = split_ending(name, MEDIA_TYPES)
    interval = _number(query, "interval")
    asked = Asked(_number(query, "startTime"), _number(query, "endTime"), DAY if interval is None else interval)
    asked.check()
    page = read_page(_number(query, "limit"), query.get("cursor"))
    return Wanted(project, uid, form, asked, page, audience)


def read_page(limit: int | None, cursor: str | None) -> Page:
    """Which rows are asked for.

    Raises:
        UsageError: a limit or a cursor that cannot be.
    """
    if limit is not None and not 1 <= limit <= MOST_ROWS:
        raise UsageError(f"limit is {limit}; it must be 1 to {MOST_ROWS}")
    if cursor is None:
        return Page(limit)
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise UsageError("cursor: take it from the answer before as it is")
    if limit is None:
        raise UsageError("cursor without limit: give both")
    return Page(limit, int(found.group(1)), found.group(2))


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise UsageError(f"{name} must be a whole number of at most 18 digits")
    return int(text)
