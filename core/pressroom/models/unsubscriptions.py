"""Unsubscriptions: who does not want a report any more."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Unsubscription(msgspec.Struct, frozen=True, kw_only=True):
    """One address that gets nothing of one report.

    Attributes:
        report: the report's uid; it stays when the report is deleted, and counts for a new one of that uid.
        address: as it was written to.
        since: when it unsubscribed.
    """

    report: str
    address: str
    since: datetime
