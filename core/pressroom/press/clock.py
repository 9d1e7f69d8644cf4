"""The clock: what is due becomes runs, what was left behind is taken up, what waits is offered to the scheduler.

Any number of processes may tick. A moment becomes one run because its report's next moment is moved by
compare-and-set in the transaction that plans the run, and because a run's key is unique.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pressroom.errors import PressroomError
from pressroom.failpoints import failpoint
from pressroom.press.chores import Chores
from pressroom.press.ledger import Ledger, PlannedDelivery
from pressroom.press.mailing import letters
from pressroom.recurrence import Recurrence
from pressroom.schedulers import Job, Scheduler, Step
from pressroom.store.schedules import Due, Schedules

if TYPE_CHECKING:
    from pressroom.host import Host

log = logging.getLogger("pressroom.clock")
BATCH = 200
"""Reports that one transaction plans."""
LATE = timedelta(minutes=5)
"""A moment that is noticed later than this was missed: `catch_up` decides about it."""
MAX_AGE = timedelta(days=7)
"""Moments that were missed longer ago are not caught up, except `once`."""
HELD = 200
"""Runs that are due and that a scheduler may hold already, though they are not claimed yet."""
MOST_MISSED = 100
"""Moments of one report that `catch_up: all` makes up for."""


@dataclass(frozen=True)
class Tick:
    """What one tick did."""

    planned: int = 0
    recovered: int = 0
    offered: int = 0


class Clock:
    """Plans, recovers and offers.

    Args:
        host: the workspace.
        scheduler: where jobs are offered; None to plan only.
        now: the time in UTC; tests set it.
    """

    def __init__(self, host: Host, scheduler: Scheduler[Any] | None, now: Callable[[], datetime]) -> None:
        self._host = host
        self._scheduler = scheduler
        self._now = now
        self._woken = threading.Event()
        self._chores = Chores(host, host.press.owner)

    def tick(self) -> Tick:
        """Do everything that is due now; an error in one report stops no other.

        Raises:
            StoreError: the store cannot be used; the next tick does what this one could not.
        """
        planned, recovered = self._plan_due(), self._recover()
        self._do_chores()
        return Tick(planned, recovered, self._offer())

    def run(self, stopped: threading.Event, every: float) -> None:
        """Tick until stopped, every so many seconds and when woken.

        A part of a tick that fails is logged, stops no other part, and is done by the next tick.
        """
        while not stopped.is_set():
            self._woken.clear()
            for part in (self._plan_due, self._recover, self._do_chores, self._offer):
                try:
                    part()
                except PressroomError as error:
                    log.error("the clock could not do its work: %s", error)
                except Exception:
                    log.exception("the clock could not do its work")
            self._woken.wait(every)

    def wake(self) -> None:
        """Tick at once, or again."""
        self._woken.set()

    def end(self) -> None:
        """Say that this clock does not tick any more."""
        self._chores.end()

    def _do_chores(self) -> None:
        self._chores.turn(self._now())

    def _plan_due(self) -> int:
        planned = 0
        while True:
            now = self._now()
            found = Schedules(self._host.store.sessions).due(now, BATCH)
            if not found:
                return planned
            with self._host.store.transaction() as transaction:
                schedules, ledger = Schedules(transaction.sessions), Ledger(transaction)
                for due in found:
                    planned += self._plan_one(due, schedules, ledger, now)
                failpoint("clock.planning")
            failpoint("clock.planned")
            if len(found) < BATCH:
                return planned

    def _plan_one(self, due: Due, schedules: Schedules, ledger: Ledger, now: datetime) -> int:
        recurrence = self._recurrence(due)
        if not schedules.move(due, recurrence.next_after(now)):
            return 0
        moments = wanted(due, recurrence, now)
        for moment in moments:
            ledger.plan(
                due.project,
                self._host.store.project(due.project).reports.by_id(due.id),
                due.report.model_dump(mode="json"),
                kind="scheduled",
                key=moment.isoformat(),
                planned_at=moment,
                deliveries=self._deliveries(due),
            )
        return len(moments)

    def _recurrence(self, due: Due) -> Recurrence:
        try:
            return self._host.recurrence(due.report, due.project, due.since)
        except PressroomError as error:
            # better on a holiday than not at all
            log.error("report %s: %s", due.report.uid, error)
            return Recurrence(due.report.schedule, start=due.since)

    def _deliveries(self, due: Due) -> list[PlannedDelivery]:
        try:
            found = letters(due.report, lambda name: self._host.channel(name, due.project))
        except PressroomError as error:
            # the run is planned all the same: working on it fails and says why
            log.error("report %s: %s", due.report.uid, error)
            return []
        return [
            PlannedDelivery(
                channel=letter.channel, recipient=recipient.address, role=recipient.role, message=letter.number
            )
            for letter in found
            for recipient in letter.recipients
        ]

    def _recover(self) -> int:
        ledger = self._host.ledger
        recovered = sum(ledger.recover(run) is not None for run in ledger.expired())
        failpoint("clock.recovered")
        return recovered

    def _offer(self) -> int:
        if self._scheduler is None:
            return 0
        # what is made already goes first: it is nearly there
        offered = self._offer_step("deliver", self._scheduler) + self._offer_step("make", self._scheduler)
        failpoint("clock.offered")
        return offered

    def _offer_step(self, step: Step, scheduler: Scheduler[Any]) -> int:
        room, taken = scheduler.room(step), 0
        limit = self._host.settings.limits.run_seconds
        for offer in self._host.ledger.due(room + HELD, step) if room > 0 else ():
            job = Job(run=offer.id, step=step, priority=offer.priority, time_limit=limit, attempt=offer.attempt)
            taken += scheduler.offer(job) is not False
            if taken == room:
                break
        return taken


def wanted(due: Due, recurrence: Recurrence, now: datetime) -> list[datetime]:
    """The moments up to `now` that become runs, by the schedule's `catch_up`.

    One that is noticed in time always does. Of those that were missed, `once` makes up for the last one,
    `all` for each, `skip` for none; `frequency: once` is never given up.
    """
    # the table's moment was worked out without the calendar, which may close that day or move it
    missed = list(recurrence.between(due.planned_at - timedelta(microseconds=1), now))
    if due.report.schedule.frequency == "once":
        return [due.planned_at]
    in_time = [moment for moment in missed if now - moment <= LATE]
    late = [moment for moment in missed if LATE < now - moment <= MAX_AGE]
    policy = due.report.schedule.catch_up
    if policy == "all":
        return late[-MOST_MISSED:] + in_time
    if policy == "once" and not in_time:
        return late[-1:]
    return in_time[-1:] if policy == "once" else in_time
