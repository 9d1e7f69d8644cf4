"""Sittings: one process's work on one run, from claim to release, and what becomes of it when something breaks."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pressroom.context import Cancellation, Context, Progress
from pressroom.errors import Cancelled, LeaseLost, PressroomError, StepError, StoreError
from pressroom.failpoints import failpoint
from pressroom.models.runs import Run, RunState
from pressroom.moments import utc_now
from pressroom.press.heartbeat import heartbeat
from pressroom.press.progress import Teller
from pressroom.press.queries import run_folder
from pressroom.press.retries import Retries, may_pass
from pressroom.press.scenes import explain

if TYPE_CHECKING:
    from pressroom.host import Host
    from pressroom.press.ledger_claims import Claim


@dataclass(frozen=True)
class Sitting:
    """One process's work on one run, from claim to release.

    Attributes:
        last: whether what fails now is not tried again.
    """

    claim: Claim
    run: Run
    context: Context
    teller: Teller
    last: bool


Step = Callable[[Sitting], Run]


def owner_name() -> str:
    """A name for this process's claims, different for every process and start."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class Sittings:
    """Claims runs, has a step worked on under a heartbeat, and settles what became of it.

    Args:
        host: the workspace.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._lease_seconds = host.settings.ledger.lease_seconds
        self._tries = host.settings.retries.tries
        self.retries = Retries(tuple(host.settings.retries.waits))

    def sit(
        self,
        run_id: int,
        owner: str,
        step: Step,
        *,
        patient: bool,
        progress: Progress | None = None,
        cancellation: Cancellation | None = None,
    ) -> Run:
        """Work on a run, unless it is in other hands, final or not due.

        Args:
            step: what to do; gives the run as it is then.
            patient: try again later what may pass; False to fail at once.

        Returns:
            The run, final or waiting.
        """
        claim = self._host.ledger.claim_run(run_id, owner, self._lease_seconds)
        if claim is None:
            return self._host.ledger.get(run_id)
        failpoint("press.claimed")
        # its own: losing this run's lease must not stop the others that a caller's flag may stand for
        own = Cancellation()
        sitting = self._sitting(claim, progress, own, patient)
        self._host.plugins.run_started(claim.run)
        limit = self._host.settings.limits.run_seconds + self._lease_seconds
        try:
            with (
                (cancellation or Cancellation()).calling(own.set),
                heartbeat(claim.renew, self._lease_seconds / 4, limit, own),
            ):
                if claim.run.tries >= self._most(claim.run):
                    raise StepError(f"whoever worked on it died {claim.run.tries} times")
                run = step(sitting)
        except LeaseLost:
            sitting.context.log.warning("another process has taken the run over, or it was cancelled")
            return self._host.ledger.get(run_id)
        except Exception as error:
            run = self._settle(sitting, error, patient)
        if run.state.final:
            self._host.plugins.run_finished(run)
        return run

    def take_over(self, run_id: int, dead: str, owner: str, reason: str) -> None:
        """Plan the next try of a run whose owner is dead; without a reason it was stopped, and is handed back."""
        claim = self._host.ledger.inherit(run_id, dead, owner, self._lease_seconds)
        if claim is None:
            return
        if not reason:
            claim.postpone(utc_now())
        elif (run := self._later(claim, StepError(reason, transient=True))).state.final:
            self._host.plugins.run_finished(run)

    def _sitting(self, claim: Claim, progress: Progress | None, cancellation: Cancellation, patient: bool) -> Sitting:
        folder = run_folder(self._host.workspace.files, claim.run.id)
        log = logging.LoggerAdapter(logging.getLogger("pressroom.run"), {"run": claim.run.id})
        limit = self._host.settings.limits.run_seconds
        context = Context(folder, log=log, timeout=limit, cancellation=cancellation)
        teller = Teller(progress, lambda note, share: claim.advance(step=note, progress=share))
        return Sitting(claim, claim.run, context, teller, not patient or self._next_try(claim.run) is None)

    def _settle(self, sitting: Sitting, error: Exception, patient: bool) -> Run:
        """Give back or end a run that a step could not bring further."""
        claim, log = sitting.claim, sitting.context.log
        with suppress(LeaseLost):
            if isinstance(error, Cancelled):
                claim.postpone(utc_now(), "stopped before it was finished")
            elif isinstance(error, StoreError):
                # says nothing of the report: a store that was down for a moment must not fail it
                log.error("the run waits for the store: %s", error)
                claim.postpone(self.retries.at(1, utc_now()) or utc_now(), explain(error))
            else:
                if not isinstance(error, PressroomError):
                    log.error("the run failed", exc_info=error)
                return self._later(claim, error) if patient else claim.fail(explain(error))
        return self._host.ledger.get(claim.run.id)

    def _later(self, claim: Claim, error: Exception) -> Run:
        """Try again later what may pass, and fail what cannot, or what was tried often enough."""
        due = self._next_try(claim.run)
        if not may_pass(error) or due is None:
            return claim.fail(explain(error))
        claim.postpone(due, explain(error), failed=True)
        return self._host.ledger.get(claim.run.id)

    def _next_try(self, run: Run) -> datetime | None:
        """When a step is tried again that fails now; None where that was the last try."""
        tries = run.tries + 1
        return self.retries.at(tries, utc_now()) if tries < self._most(run) else None

    def _most(self, run: Run) -> int:
        """How often this step of a run may fail; to deliver is tried longer, as long as each of its messages."""
        return len(self.retries.waits) + 1 if run.state is RunState.delivering else self._tries
