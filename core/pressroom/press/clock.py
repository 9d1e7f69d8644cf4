"""The clock: what is due becomes runs, what was left behind is taken up, what waits is offered to the scheduler.

Any number of processes may tick. A moment becomes one run because its report's next moment is moved by
compare-and-set in the transaction that plans the run, and because a run's key is unique.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pressroom.errors import PressroomError
from pressroom.failpoints import failpoint
from pressroom.press.chores import Chores
from pressroom.press.planner import Planner
from pressroom.schedulers import Job, Scheduler, Step

if TYPE_CHECKING:
    from pressroom.host import Host

log = logging.getLogger("pressroom.clock")
HELD = 200
"""Runs that are due and that a scheduler may hold already, though they are not claimed yet."""


@dataclass(frozen=True)
class Tick:
    """What one tick did; `more` where it left moments to plan, for which the next tick is not to wait."""

    planned: int = 0
    recovered: int = 0
    offered: int = 0
    more: bool = False


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
        self._planner = Planner(host, now)
        self._woken = threading.Event()
        self._chores = Chores(host, host.press.owner)

    def tick(self) -> Tick:
        """Do what is due now: plan a portion, recover, offer; an error in one report stops no other.

        Raises:
            StoreError: the store cannot be used; the next tick does what this one could not.
        """
        planned, recovered = self._planner.plan_due(), self._recover()
        self._do_chores()
        return Tick(planned.runs, recovered, self._offer(), planned.more)

    def run(self, stopped: threading.Event, every: float) -> None:
        """Tick until stopped, every so many seconds and when woken.

        A part of a tick that fails is logged, stops no other part, and is done by the next tick.
        """
        while not stopped.is_set():
            self._woken.clear()
            for part in (self._plan, self._recover, self._do_chores, self._offer):
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

    def _plan(self) -> None:
        if self._planner.plan_due().more:
            self.wake()

    def _do_chores(self) -> None:
        self._chores.turn(self._now())

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
