"""What a project's ledger says, page by page: runs and deliveries, the latest first, read only.

A page begins after the last entry of the one before, whatever was added meanwhile: an entry keeps its place, so
whoever turns all pages meets each entry that was there at the start exactly once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import Session, col, select

from pressroom.models.ledger_tables import DeliveryRow, RunRow
from pressroom.models.runs import Delivery, DeliveryState, Run, RunKind, RunState
from pressroom.store.definitions import LARGEST, possible
from pressroom.store.runs import delivery_value, run_value
from pressroom.store.sessions import Sessions

MOST_COUNTED = 10_000
"""Entries that are counted; where there are more, nobody waits for their number."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs.

    Attributes:
        report: uid of one report, also of one that is deleted.
        since, until: planned at or after, and before.
        run: of this number only.
        stored: only of reports that are stored still.
        visible: only of the reports with these numbers; None for all.
    """

    report: str = ""
    state: RunState | None = None
    kind: RunKind | None = None
    since: datetime | None = None
    until: datetime | None = None
    run: int | None = None
    stored: bool = False
    visible: Collection[int] | None = None


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries of these runs; empty for all."""

    state: DeliveryState | None = None
    channel: str = ""
    recipient: str = ""


class RunEntry(msgspec.Struct, frozen=True):
    """A run without its deliveries, but with the number of them in each state."""

    run: Run
    counts: dict[str, int]


class DeliveryEntry(msgspec.Struct, frozen=True):
    """A delivery, with the report and the planned moment of its run."""

    delivery: Delivery
    report: str
    planned_at: datetime


class History:
    """Runs and deliveries of one project.

    Args:
        sessions: where to read.
        project: uid.
        project_id: its number.
    """

    def __init__(self, sessions: Sessions, project: str, project_id: int) -> None:
        self._sessions = sessions
        self._project = project
        self._project_id = project_id

    def runs(self, wanted: Wanted, limit: int, after: tuple[datetime, int] | None = None) -> list[RunEntry]:
        """A page, the latest planned first.

        Args:
            after: planned moment and number of the last run of the page before.
        """
        found = self._matching(select(RunRow), wanted)
        if after is not None:
            planned, number = after
            earlier = sa.and_(col(RunRow.planned_at) == planned, col(RunRow.id) < number)
            found = found.where(_up_to(planned), sa.or_(col(RunRow.planned_at) < planned, earlier))
        ordered = found.order_by(col(RunRow.planned_at).desc(), col(RunRow.id).desc()).limit(limit)
        with self._sessions.read() as session:
            rows = session.exec(ordered).all() if _possible(wanted) else []
            counts = _counts(session, [int(row.id or 0) for row in rows])
            return [RunEntry(run_value(row, self._project), dict(counts[int(row.id or 0)])) for row in rows]

    def deliveries(
        self, wanted: Wanted, sent: Sent, limit: int, after: tuple[datetime, int, int] | None = None
    ) -> list[DeliveryEntry]:
        """A page, in the order of the runs.

        Args:
            after: planned moment and number of the run of the last delivery of the page before, and its own number.
        """
        found = self._of(select(DeliveryRow, RunRow.report, RunRow.planned_at), wanted, sent)
        if after is not None:
            planned, run, number = after
            same = sa.and_(col(RunRow.id) == run, col(DeliveryRow.id) < number)
            later = sa.and_(col(RunRow.planned_at) == planned, sa.or_(col(RunRow.id) < run, same))
            found = found.where(_up_to(planned), sa.or_(col(RunRow.planned_at) < planned, later))
        # along the index of the runs, so that a page costs a page
        order = (col(RunRow.planned_at).desc(), col(RunRow.id).desc(), col(DeliveryRow.id).desc())
        with self._sessions.read() as session:
            rows = session.exec(found.order_by(*order).limit(limit)).all() if _possible(wanted, sent) else []
            return [DeliveryEntry(delivery_value(row), report, planned_at) for row, report, planned_at in rows]

    def count_runs(self, wanted: Wanted) -> int | None:
        """How many there are; None where there are too many to count."""
        return self._count(self._matching(select(RunRow.id), wanted)) if _possible(wanted) else 0

    def count_deliveries(self, wanted: Wanted, sent: Sent) -> int | None:
        """How many there are; None where there are too many to count."""
        return self._count(self._of(select(DeliveryRow.id), wanted, sent)) if _possible(wanted, sent) else 0

    def _count(self, found: Any) -> int | None:
        with self._sessions.read() as session:
            counted = session.exec(select(sa.func.count()).select_from(found.limit(MOST_COUNTED + 1).subquery())).one()
        return int(counted) if counted <= MOST_COUNTED else None

    def _of(self, found: Any, wanted: Wanted, sent: Sent) -> Any:
        found = self._matching(found.join(RunRow, col(RunRow.id) == col(DeliveryRow.run_id)), wanted)
        if sent.state is not None:
            found = found.where(col(DeliveryRow.state) == sent.state)
        if sent.channel:
            found = found.where(col(DeliveryRow.channel) == sent.channel)
        return found.where(col(DeliveryRow.recipient) == sent.recipient) if sent.recipient else found

    def _matching(self, found: Any, wanted: Wanted) -> Any:
        asked: list[sa.ColumnElement[bool]] = []
        equal = ((RunRow.report, wanted.report), (RunRow.state, wanted.state), (RunRow.kind, wanted.kind))
        asked += [col(column) == value for column, value in equal if value]
        if wanted.run is not None:
            asked.append(col(RunRow.id) == wanted.run)
        if wanted.since is not None:
            asked.append(col(RunRow.planned_at) >= wanted.since)
        if wanted.until is not None:
            asked.append(col(RunRow.planned_at) < wanted.until)
        if wanted.stored:
            asked.append(col(RunRow.report_id).is_not(None))
        if wanted.visible is not None:
            asked.append(col(RunRow.report_id).in_(wanted.visible))
        return found.where(col(RunRow.project_id) == self._project_id, *asked)


def _up_to(planned: datetime) -> sa.ColumnElement[bool]:
    """Follows from what is said beside it; databases need it to begin at the right place of an index."""
    return col(RunRow.planned_at) <= planned


def _possible(wanted: Wanted, sent: Sent | None = None) -> bool:
    texts = (wanted.report, *((sent.channel, sent.recipient) if sent else ()))
    return all(map(possible, texts)) and (wanted.run is None or 0 < wanted.run <= LARGEST)


def _counts(session: Session, runs: Sequence[int]) -> dict[int, Counter[str]]:
    columns: Any = select(DeliveryRow.run_id, DeliveryRow.state, sa.func.count())
    found = columns.where(col(DeliveryRow.run_id).in_(runs)).group_by(DeliveryRow.run_id, DeliveryRow.state)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for run, state, count in session.exec(found):
        counts[run][state] = count
    return counts
