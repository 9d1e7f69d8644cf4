"""Schedulers: where planned runs are worked on. When a run is due is never theirs to decide (see `press.clock`)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from pressroom.extension import C, Extension, PluginOptions

Work = Callable[[int], None]
"""Works on one run, named by its id, until it is final or waits; returns at once where another owns it."""


class Scheduler(Extension[C, PluginOptions]):
    """A place where runs are worked on: child processes here, or workers elsewhere.

    The ledger is the truth; a scheduler only wakes somebody up. A run that is offered twice is worked on
    once, because `Work` claims it first; one whose wake-up is lost is offered again by the clock.
    """

    @abstractmethod
    def offer(self, run: int, *, priority: int, time_limit: float) -> None:
        """Wake a worker for a run; returns at once.

        Args:
            run: its id.
            priority: 0 to 9, higher is sooner.
            time_limit: seconds after which the work may be killed.
        """

    @abstractmethod
    def start(self, work: Work) -> None:
        """Begin to work in this process; returns at once."""

    @abstractmethod
    def stop(self, grace: float) -> None:
        """Take nothing new, wait up to `grace` seconds for what is running, hand the rest back."""
