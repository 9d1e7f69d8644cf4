"""Schedulers: where planned runs are worked on. When a run is due is never theirs to decide (see `press.clock`)."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal, Protocol

import msgspec

from pressroom.context import Cancellation
from pressroom.extension import C, Extension, PluginOptions

Step = Literal["make", "deliver"]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of work that is due; plain data that crosses processes.

    Attributes:
        run: id of the run.
        step: `make` composes and renders, in a process that may be killed; `deliver` sends, and is never
            killed: its channels have time-outs of their own.
        priority: 0 to 9, higher is sooner.
        time_limit: seconds after which `make` may be killed.
        attempt: how often the run was taken before; the same job with another number is another try.
    """

    run: int
    step: Step
    priority: int = 5
    time_limit: float = 1200.0
    attempt: int = 0


class Work(Protocol):
    """What a scheduler calls; safe from several threads."""

    def do(self, job: Job, owner: str, cancellation: Cancellation | None = None) -> None:
        """Work on a job here and now, until its step is done or fails; returns at once where another owns the run.

        Args:
            job: as it was offered.
            owner: a name for whoever does it, different for every process and start.
            cancellation: set it, and the run is given back as soon as that is safe.
        """

    def died(self, job: Job, owner: str, reason: str) -> None:
        """Say that the process that did a job was killed or died, so that nobody waits for its lease to run out.

        Args:
            reason: why; empty where it was stopped on purpose, and the job is handed back.
        """

    def done(self, job: Job) -> None:
        """Say that a job has ended here, well or not, so that what follows it need not wait for the next tick."""


class Scheduler(Extension[C, PluginOptions]):
    """A place where runs are worked on: child processes here, or workers elsewhere.

    The ledger is the truth; a scheduler only wakes somebody up. A job that is offered twice is done once,
    because the run is claimed first; one whose wake-up is lost is offered again by the clock.
    """

    @abstractmethod
    def offer(self, job: Job) -> bool:
        """Wake a worker for a job; returns at once.

        Returns:
            False where the job is here already, or where there is no room for it.
        """

    @abstractmethod
    def start(self, work: Work) -> None:
        """Begin to work in this process; returns at once."""

    @abstractmethod
    def stop(self, grace: float) -> None:
        """Take nothing new, wait up to `grace` seconds for what is running, hand the rest back."""

    def room(self, step: Step) -> int:
        """How many more jobs of a step it wants to be offered now; the ledger keeps the others."""
        return 100
