"""The ledger: what is planned, who works on it, and what came of it.

Every step is a short transaction of its own; none is open while something is rendered or sent. Whoever works
on a run holds a claim: a lease with an attempt number. All that a claim writes names both, so an owner whose
lease was taken over cannot write anything any more. The states and what may follow each: `ledger_states`.

    run = ledger.plan("default", report, snapshot, kind="manual", key=key, planned_at=now, deliveries=planned)
    claim = ledger.claim_run(run.id, owner="host:pid", lease_seconds=60)
    claim.advance(RunState.composing); ...; claim.save_documents(documents)
    for waiting in claim.pending():
        message = claim.claim_message(waiting.channel, waiting.message)
        message.record(channel.deliver(..., handover=message.handing_over))
    claim.finish()
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import Session, col, select

from pressroom.errors import Conflict, NotFound
from pressroom.models.ledger_tables import DeliveryRow, RunRow
from pressroom.models.reports import Report
from pressroom.models.runs import DeliveryState, Run, RunKind, RunState
from pressroom.models.tables import ProjectRow
from pressroom.press.ledger_claims import Claim
from pressroom.press.ledger_plan import HOPELESS, PlannedDelivery, insert_once, new_run
from pressroom.press.ledger_rows import claimable, deliveries_of, lock_run, move, move_run, settle, skip_open
from pressroom.press.ledger_states import RUN_TRANSITIONS
from pressroom.press.once import Once
from pressroom.schedulers import Step
from pressroom.store import Repositories, Stored
from pressroom.store.repository import Clock
from pressroom.store.runs import RunReader

__all__ = ["Ledger", "Offer", "PlannedDelivery"]


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A run that may be claimed; `attempt` is how often it was before."""

    id: int
    project: str
    priority: int
    due_at: datetime
    state: RunState = RunState.planned
    attempt: int = 0


class Ledger:
    """Runs and deliveries of all projects.

    Args:
        store: a store, or a transaction that planning is to be part of. Claims need a store.
        clock: the time; the store's where None.
    """

    def __init__(self, store: Repositories, clock: Clock | None = None) -> None:
        self._store = store
        self._sessions = store.sessions
        self._clock = clock or store.clock
        self._reader = RunReader(store.sessions)

    def plan(
        self,
        project: str,
        report: Stored[Report] | None,
        snapshot: dict[str, Any],
        *,
        kind: RunKind,
        key: str | Once,
        planned_at: datetime,
        deliveries: Sequence[PlannedDelivery] = (),
        title: str = "",
    ) -> Run:
        """Write down a run; the same report (or, without one, project), kind and key give the same run again.

        Args:
            project: uid.
            report: the stored one; None for an ad hoc run.
            snapshot: the whole definition as JSON data; later changes of the report do not reach this run.
            kind: why it runs.
            key: the planned moment or any other name, at most 200 characters; or a caller's own, which is unique
                in the project whatever the report.
            planned_at: not claimed before.
            deliveries: whom it goes to; exact duplicates count once.
            title: the report's name where there is no stored one.

        Raises:
            NotFound: no such project, or the report was deleted meanwhile.
            KeyReused: the caller's own key was used for another request.
            UsageError: the key is empty or too long.
        """
        owner = self._store.projects.get(project)
        row = new_run(
            owner.id,
            report.id if report else None,
            report.uid if report else "",
            snapshot,
            kind=kind,
            key=key,
            planned_at=planned_at,
            created_at=self._clock(),
            title=report.value.name if report else title,
            priority=report.value.priority if report else 5,
        )
        with self._sessions.write() as session:
            run_id = insert_once(session, row, deliveries)
        return self.get(run_id)

    def get(self, run_id: int) -> Run:
        """One run with its deliveries.

        Raises:
            NotFound: there is none of that id.
        """
        return self._reader.get(run_id)

    def list(
        self,
        *,
        report: str | None = None,
        state: RunState | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Run]:
        """Runs of all projects, see `RunReader.list`; one project's are `store.project(uid).runs`."""
        return self._reader.list(report=report, state=state, limit=limit, offset=offset)

    def due(self, limit: int = 1000, step: Step | None = None) -> Sequence[Offer]:
        """Runs that may be claimed now: the highest priority first, then the projects in turns, so that one with
        many does not hold up the rest, then what was planned first.

        Args:
            limit: how many.
            step: only those that wait for it; `deliver` is what was made already.
        """
        turn = sa.func.row_number().over(
            partition_by=(col(RunRow.project_id), col(RunRow.priority)),
            order_by=(col(RunRow.planned_at), col(RunRow.id)),
        )
        columns: Any = select(  # type: ignore[call-overload]  # six columns
            RunRow.id, ProjectRow.uid, RunRow.priority, RunRow.due_at, RunRow.state, RunRow.attempt
        )
        found = (
            columns.join(ProjectRow, col(ProjectRow.id) == col(RunRow.project_id))
            .where(*claimable(self._clock(), step))
            .order_by(col(RunRow.priority).desc(), turn, col(RunRow.planned_at), col(RunRow.id))
        )
        with self._sessions.read() as session:
            rows = session.exec(found.limit(limit)).all()
        return [
            Offer(id=int(run or 0), project=uid, priority=first, due_at=due, state=RunState(state), attempt=attempt)
            for run, uid, first, due, state, attempt in rows
        ]

    def expired(self, limit: int = 1000) -> Sequence[int]:
        """Ids of runs whose owner has let its lease run out, oldest first; `recover` each."""
        found = select(RunRow.id).where(col(RunRow.lease_until) <= self._clock())
        with self._sessions.read() as session:
            return [int(run or 0) for run in session.exec(found.order_by(col(RunRow.lease_until)).limit(limit))]

    def recover(self, run_id: int) -> Run | None:
        """Free a run from an owner whose lease has run out, so that it is due again.

        What was claimed is planned again. What was being handed over is ambiguous, unless its channel is
        idempotent: then it is planned again with the same key. None where nothing had run out.
        """
        with self._sessions.write() as session:
            row = lock_run(session, run_id)
            if row is None or row.lease_until is None or row.lease_until > self._clock():
                return None
            settle(session, row, self._clock())
            row.owner, row.lease_until, row.attempt, row.tries = None, None, row.attempt + 1, row.tries + 1
        return self.get(run_id)

    def claim_run(self, run_id: int, owner: str, lease_seconds: float) -> Claim | None:
        """Take a run that is due and that nobody holds; what its last owner left behind is settled first.

        Args:
            run_id: which.
            owner: who, unique among all processes.
            lease_seconds: after which somebody else may take it, unless renewed.

        Returns:
            The claim, or None: it is final, not due, held by another, or there is no such run.
        """
        now = self._clock()
        with self._sessions.write() as session:
            found = select(RunRow).where(col(RunRow.id) == run_id, *claimable(now))
            row = session.exec(found.with_for_update()).first()
            if row is None:
                return None
            settle(session, row, now)
            # a lease that ran out: its owner died over it
            row.tries += row.lease_until is not None
            row.owner, row.lease_until, row.attempt = owner, now + timedelta(seconds=lease_seconds), row.attempt + 1
            row.started_at, row.entered_at = row.started_at or now, now
            attempt = row.attempt
        return Claim(
            self._sessions, self._clock, self.get(run_id), owner=owner, attempt=attempt, lease_seconds=lease_seconds
        )

    def inherit(self, run_id: int, dead: str, owner: str, lease_seconds: float) -> Claim | None:
        """Take a run over from an owner that is known to be dead, without waiting for its lease to run out.

        What the dead owner was doing is settled as `recover` settles it.

        Args:
            dead: the owner that the run must still have.
            owner, lease_seconds: of the new claim.

        Returns:
            The claim, or None where the run has ended or is in other hands.
        """
        now = self._clock()
        with self._sessions.write() as session:
            row = lock_run(session, run_id)
            if row is None or row.owner != dead or RunState(row.state).final:
                return None
            settle(session, row, now)
            row.owner, row.lease_until, attempt = owner, now + timedelta(seconds=lease_seconds), row.attempt
        return Claim(
            self._sessions, self._clock, self.get(run_id), owner=owner, attempt=attempt, lease_seconds=lease_seconds
        )

    def retry(self, run_id: int, *, include_ambiguous: bool = False, once: Once | None = None) -> Run:
        """Make a run that failed, or failed for some, due again for those who did not get it.

        A run that waits for its next try is due now. Documents that there are stay, so nothing is rendered anew.

        Args:
            run_id: which.
            include_ambiguous: also those who may have got it already.
            once: the request, which does nothing where it was the last that retried this run.

        Raises:
            NotFound: no such run.
            KeyReused: the last retry had the same key, and was another request.
            Conflict: somebody works on it, it was cancelled or succeeded, or nobody is left to send it to.
        """
        now = self._clock()
        with self._sessions.write() as session:
            row = _known(lock_run(session, run_id), run_id)
            if once is not None and _retried(row, once):
                pass
            elif RunState(row.state).final:
                _revive(session, row, include_ambiguous, now)
            else:
                _hurry(session, row, now)
        return self.get(run_id)

    def repeats(self, run_id: int, once: Once) -> bool:
        """Whether a request was the last that retried a run, so that `retry` would do nothing."""
        with self._sessions.read() as session:
            retried = session.exec(select(RunRow.retried).where(col(RunRow.id) == run_id)).first()
        return retried == _name(once)

    def cancel(self, run_id: int) -> Run:
        """End a run; its owner notices at its next write. What is being handed over is still recorded.

        Raises:
            NotFound: no such run.
            Conflict: it has ended already.
        """
        now = self._clock()
        with self._sessions.write() as session:
            row = _known(lock_run(session, run_id), run_id)
            if RunState.cancelled not in RUN_TRANSITIONS[RunState(row.state)]:
                raise Conflict(f"run {run_id} is {row.state} already")
            move_run(row, RunState.cancelled, now)
            row.finished_at = now
            skip_open(session, row, "cancelled", now)
        return self.get(run_id)


def _revive(session: Session, row: RunRow, include_ambiguous: bool, now: datetime) -> None:
    """Make a run that has ended due again, for those who have not got it."""
    if RunState.planned not in RUN_TRANSITIONS[RunState(row.state)]:
        raise Conflict(f"run {row.id} is {row.state}; only one that failed, or that waits, can be retried")
    deliveries = deliveries_of(session, int(row.id or 0), DeliveryState)
    if all(delivery.entry is None for delivery in deliveries):
        # its queries gave nobody, or could not be asked
        row.addressed_at = None
    again = [delivery for delivery in deliveries if _unsent(delivery, include_ambiguous)]
    if deliveries and not again:
        raise Conflict(
            f"run {row.id}: nobody is left to send it to; what is ambiguous may have arrived, and is sent "
            "again on request only"
        )
    for delivery in again:
        move(delivery, DeliveryState.planned, now)
        delivery.attempts = 0
    move_run(row, RunState.planned, now)
    row.due_at, row.finished_at, row.step, row.progress, row.tries = now, None, "", 0.0, 0
    # what is wrong with the report is said again when its documents are made, or those that are kept are taken
    row.errors, row.warnings = [], []


def _hurry(session: Session, row: RunRow, now: datetime) -> None:
    """Make a waiting run and its deliveries due."""
    if row.owner is not None and row.lease_until is not None and row.lease_until > now:
        raise Conflict(f"run {row.id} is being worked on; wait, or cancel it first")
    row.due_at = now
    for delivery in deliveries_of(session, int(row.id or 0), (DeliveryState.planned,)):
        delivery.retry_at = None


def _retried(row: RunRow, once: Once) -> bool:
    """Whether a request was the last that retried a run; from now on it is."""
    key, _, asked = (row.retried or "").partition(" ")
    if key == once.key:
        once.compare(asked)
        return True
    row.retried = _name(once)
    return False


def _name(once: Once) -> str:
    return f"{once.key} {once.asked}"


def _unsent(delivery: DeliveryRow, include_ambiguous: bool) -> bool:
    """Whether a retry takes it up; one that was skipped on purpose had been tried."""
    untried = delivery.state == DeliveryState.skipped and not delivery.attempts
    ambiguous = delivery.state == DeliveryState.ambiguous and include_ambiguous
    if delivery.entry == HOPELESS:
        return False
    return untried or ambiguous or delivery.state == DeliveryState.refused


def _known(row: RunRow | None, run_id: int) -> RunRow:
    if row is None:
        raise NotFound(f"no run {run_id}")
    return row
