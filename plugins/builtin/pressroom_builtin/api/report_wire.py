"""Shapes of reports, schedules and previews in `/api/v1`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class Notice(msgspec.Struct, kw_only=True):
    """What is allowed and probably not meant.

    Attributes:
        field: dotted path in the definition.
    """

    field: str
    message: str


class ReportBody(msgspec.Struct, kw_only=True):
    """A stored report.

    Attributes:
        id: what permissions and the reporting API name it by.
        revision: another one after every change; the answer's `ETag`, and what `If-Match` takes.
        definition: as in a file of definitions, without what is as by default. Its password is shown only to those
            who may change it.
        warnings: of the definition that was just stored.
    """

    uid: str
    id: int
    revision: str
    definition: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    creator: str
    updater: str
    warnings: list[Notice] = []


class ReportPage(msgspec.Struct, kw_only=True):
    """Reports, oldest first.

    Attributes:
        next: cursor of the next page; null on the last.
        total: how many there are on all pages.
    """

    items: list[ReportBody]
    next: str | None
    total: int


class Moments(msgspec.Struct, kw_only=True):
    """When a schedule fires.

    Attributes:
        moments: RFC 3339, ascending, with the offset of the schedule's zone; fewer than asked for where it ends.
        sentence: the schedule in words.
        state: the report's; only `scheduled` ones go out.
    """

    moments: list[str]
    sentence: str
    timezone: str
    state: str = "scheduled"
    warnings: list[Notice] = []


class ScheduleAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A schedule that need not be stored.

    Attributes:
        schedule: as in a report's definition.
        locale: of the sentence; empty for the project's.
        count: how many moments.
        start: at or after it: RFC 3339, or relative such as `now+7d`; now where it is empty.
    """

    schedule: dict[str, Any]
    locale: str = ""
    count: int = 5
    start: str = msgspec.field(default="", name="from")


class PreviewAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to make without sending it.

    Attributes:
        report: uid of a stored report, or a definition.
        formats: instead of the report's own, as in its definition: `pdf`, `{"csv": {"delimiter": ";"}}`.
    """

    report: str | dict[str, Any]
    formats: list[str | dict[str, Any]] = []


class SendAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """To whom to send.

    Attributes:
        deliveries: instead of the report's own, as in its definition.
    """

    deliveries: list[dict[str, Any]] = []
