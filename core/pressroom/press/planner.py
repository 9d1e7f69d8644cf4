"""The clock's planning: reports whose moment has come become runs, a batch of them in one transaction.

A moment becomes one run because its report's next moment is moved by compare-and-set in the transaction that
plans the run, and because a run's key is unique.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pressroom.errors import StoreError
from pressroom.failpoints import failpoint
from pressroom.models.ledger_tables import RunRow
from pressroom.models.reports import Report
from pressroom.models.runs import RunState
from pressroom.press.ledger_plan import PlannedDelivery, check_recipients, insert_new, new_run
from pressroom.press.mailing import Addressed, addressees, letters
from pressroom.press.scenes import explain
from pressroom.recurrence import Recurrence
from pressroom.store.schedules import Due, Schedules

if TYPE_CHECKING:
    from pressroom.host import Host

log = logging.getLogger("pressroom.clock")
BATCH = 200
"""Reports that one transaction plans."""
PORTION = 5
"""Batches that are planned before what is planned already is offered."""
LATE = timedelta(minutes=5)
"""A moment that is noticed later than this was missed: `catch_up` decides about it."""
AGAIN = timedelta(minutes=1)
"""A report that could not be planned, whatever is wrong with it, is left alone for so long."""
MAX_AGE = timedelta(days=7)
"""Moments that were missed longer ago are not caught up, except `once`."""
MOST_MISSED = 100
"""Moments of one report that `catch_up: all` makes up for."""


@dataclass(frozen=True)
class Portion:
    """What one turn of planning did.

    Attributes:
        runs: how many were planned.
        more: whether there may be more to plan at once.
    """

    runs: int
    more: bool


@dataclass(frozen=True)
class Missing:
    """Stands in for a channel that is gone or broken, so that its recipients are planned all the same."""

    addressed: bool


class Planner:
    """Plans what is due.

    Args:
        host: the workspace.
        now: the time in UTC.
    """

    def __init__(self, host: Host, now: Callable[[], datetime]) -> None:
        self._host = host
        self._now = now
        self._failed: dict[int, datetime] = {}

    def plan_due(self) -> Portion:
        """Plan moments that have come, the earliest first; what is wrong with one report stops no other.

        A portion of them only, so that at an hour when very many are due the first are not kept waiting until the
        last one is planned.
        """
        planned = 0
        for _ in range(PORTION):
            now = self._now()
            # so many of them must not keep the others from ever being looked at
            self._failed = {report: until for report, until in self._failed.items() if until > now}
            found = Schedules(self._host.store.sessions).due(now, BATCH, self._failed)
            planned += self._plan_apart(found, now)
            if len(found) < BATCH:
                return Portion(planned, more=False)
        return Portion(planned, more=True)

    def _plan_apart(self, found: list[Due], now: datetime) -> int:
        """Plan a batch; where that fails, each alone, so that the one at fault holds up no other."""
        try:
            return self._plan(found, now) if found else 0
        except StoreError:
            raise
        except Exception as error:
            if len(found) == 1:
                log.error("the report %s cannot be planned", found[0].uid, exc_info=error)
                self._failed[found[0].id] = now + AGAIN
                return 0
        return sum(self._plan_apart([due], now) for due in found)

    def _plan(self, found: list[Due], now: datetime) -> int:
        moments: dict[int, list[datetime]] = {}
        following: list[tuple[Due, datetime | None]] = []
        for due in found:
            moments[due.id], next_moment = self._moments(due, now)
            following.append((due, next_moment))
        with self._host.store.transaction() as transaction:
            moved = Schedules(transaction.sessions).move(following)
            rows = [self._run(due, moment, now) for due in found if due.id in moved for moment in moments[due.id]]
            with transaction.sessions.write() as session:
                planned = insert_new(session, rows)
            failpoint("clock.planning")
        failpoint("clock.planned")
        return planned

    def _moments(self, due: Due, now: datetime) -> tuple[list[datetime], datetime | None]:
        """The moments that become runs, and the next one to wait for."""
        if isinstance(due.report, str):
            return [due.planned_at], None
        try:
            recurrence = self._host.recurrence(due.report, due.project, due.since)
            return wanted(due, due.report, recurrence, now), recurrence.next_after(now)
        except Exception as error:
            if not due.report.schedule.calendar:
                raise
            # better on a holiday than not at all
            log.error("report %s goes by its schedule without its calendar: %s", due.uid, explain(error))
            recurrence = Recurrence(due.report.schedule, start=due.since)
            return wanted(due, due.report, recurrence, now), recurrence.next_after(now)

    def _run(self, due: Due, moment: datetime, now: datetime) -> tuple[RunRow, list[PlannedDelivery]]:
        report = due.report
        deliveries = self._deliveries(due, report) if isinstance(report, Report) else []
        check_recipients(deliveries)
        row = new_run(
            due.project_id,
            due.id,
            due.uid,
            report.model_dump(mode="json") if isinstance(report, Report) else {},
            kind="scheduled",
            key=moment.isoformat(),
            planned_at=moment,
            created_at=now,
            title=due.name,
            priority=report.priority if isinstance(report, Report) else 5,
        )
        if isinstance(report, str):
            log.error("the report %s is not planned any more until it is saved again: %s", due.uid, report)
            row.state, row.errors, row.finished_at = RunState.failed, [report], now
        return row, deliveries

    def _deliveries(self, due: Due, report: Report) -> list[PlannedDelivery]:
        def find(name: str) -> Addressed:
            try:
                return self._host.channel(name, due.project)
            except Exception as error:
                # working on the run fails and says why; tried again once that is mended, it knows its recipients
                log.error("report %s: %s", due.uid, explain(error))
                return Missing(any(addressees(it) for it in report.deliveries if it.channel == name))

        return [
            PlannedDelivery(
                channel=letter.channel, recipient=recipient.address, role=recipient.role, message=letter.number
            )
            for letter in letters(report, find)
            for recipient in letter.recipients
        ]


def wanted(due: Due, report: Report, recurrence: Recurrence, now: datetime) -> list[datetime]:
    """The moments up to `now` that become runs, by the schedule's `catch_up`.

    Those that are noticed in time do; with `once`, the last of them. Of those that were missed, `once` makes up
    for the last one, `all` for each, `skip` for none; `frequency: once` is never given up.
    """
    if report.schedule.frequency == "once":
        return [due.planned_at]
    # the table's moment was worked out without the calendar, which may close that day or move it; and not from
    # years ago: every minute of a year is half a million moments
    missed = list(recurrence.between(max(due.planned_at, now - MAX_AGE) - timedelta(microseconds=1), now))
    in_time = [moment for moment in missed if now - moment <= LATE]
    late = [moment for moment in missed if LATE < now - moment <= MAX_AGE]
    policy = report.schedule.catch_up
    if policy == "all":
        return late[-MOST_MISSED:] + in_time
    if policy == "once" and not in_time:
        return late[-1:]
    return in_time[-1:] if policy == "once" else in_time
