"""A claim on a run: what its owner may do to it while the lease lasts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import Session, col, select

from pressroom.errors import LeaseLost, UsageError
from pressroom.models.ledger_tables import DeliveryRow, RunRow
from pressroom.models.runs import DeliveryState, Run, RunState
from pressroom.press.ledger_messages import MessageClaim
from pressroom.press.ledger_plan import PlannedDelivery, delivery_values, insert_deliveries
from pressroom.press.ledger_rows import (
    added,
    deliveries_of,
    end_part,
    give_up,
    move,
    move_run,
    settle,
    short,
    skip_open,
    spend,
)
from pressroom.press.ledger_states import OPEN_RUNS, RUN_TRANSITIONS, outcome
from pressroom.press.parts import Part
from pressroom.renderers import Document
from pressroom.store.repository import Clock
from pressroom.store.runs import RunReader
from pressroom.store.sessions import Sessions


class PendingMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is due, at least for some of its recipients."""

    channel: str
    message: int


class Claim:
    """A run in this process's hands. Every method that writes renews the lease, and raises LeaseLost where the
    run was taken over or cancelled: then stop, and write nothing more. May be used from several threads.

    Attributes:
        run: as it was when it was claimed.
        owner, attempt: the fence.
        lease_seconds: how long it holds without a renewal.
    """

    def __init__(
        self, sessions: Sessions, clock: Clock, run: Run, *, owner: str, attempt: int, lease_seconds: float
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self.run = run
        self.owner = owner
        self.attempt = attempt
        self.lease_seconds = lease_seconds
        self._on_purpose = False

    def renew(self) -> None:
        """Keep the lease for another while."""
        with self._sessions.write() as session:
            self._hold(session)

    def advance(self, state: RunState | None = None, *, step: str | None = None, progress: float | None = None) -> None:
        """Say where the work stands.

        Args:
            state: the next state that is not final; None to stay.
            step: what is being done, for people.
            progress: share of the run that is done, 0 to 1.

        Raises:
            UsageError: that state cannot follow; the final ones are `finish`'s and `fail`'s.
        """
        with self._sessions.write() as session:
            row = self._hold(session)
            if state is not None:
                if state.final or state not in RUN_TRANSITIONS[RunState(row.state)]:
                    raise UsageError(f"run {row.id} is {row.state}; {state} cannot follow by itself")
                move_run(row, state, self._clock())
                if state is RunState.delivering:
                    row.tries = 0
            if step is not None:
                row.step = short(step)
            if progress is not None:
                row.progress = min(1.0, max(0.0, progress)) if math.isfinite(progress) else 0.0

    def save_documents(self, documents: Sequence[Document]) -> None:
        """Write down what was rendered; it is there for every later try.

        What was written down before keeps its number: links to documents name it.
        """
        encoded: list[dict[str, Any]] = msgspec.to_builtins(list(documents))
        with self._sessions.write() as session:
            row = self._hold(session)
            row.documents = list({each["path"]: each for each in [*row.documents, *encoded]}.values())

    def warn(self, *warnings: str) -> None:
        """Add sentences that people should read; the run may still succeed."""
        with self._sessions.write() as session:
            row = self._hold(session)
            row.warnings = added(row.warnings, warnings)

    def note_errors(self, *errors: str) -> None:
        """Add what went wrong while the run goes on; it will not count as succeeded."""
        with self._sessions.write() as session:
            row = self._hold(session)
            row.errors = added(row.errors, errors)

    def pending(self) -> list[PendingMessage]:
        """Messages that are due now, in the order in which they were planned."""
        first = sa.func.min(col(DeliveryRow.id))
        found: Any = select(DeliveryRow.channel, DeliveryRow.message).where(*self._due())
        ordered = found.group_by(col(DeliveryRow.channel), col(DeliveryRow.message)).order_by(first)
        with self._sessions.read() as session:
            return [PendingMessage(channel=channel, message=number) for channel, number in session.exec(ordered)]

    def claim_message(self, channel: str, message: int, *, idempotent: bool = False) -> MessageClaim | None:
        """Take a message with all its recipients that are due; those who have it are not among them.

        Args:
            channel, message: which.
            idempotent: the channel's own word, see `pressroom.Channel`.

        Returns:
            None where nobody is due.
        """
        with self._sessions.write() as session:
            run = self._hold(session)
            found = select(DeliveryRow).where(
                *self._due(), col(DeliveryRow.channel) == channel, col(DeliveryRow.message) == message
            )
            rows = list(session.exec(found.order_by(col(DeliveryRow.id)).with_for_update()).all())
            for row in rows:
                move(row, DeliveryState.claimed, self._clock())
                row.owner, row.attempt, row.attempts = self.owner, self.attempt, row.attempts + 1
                row.idempotent = idempotent
            session.flush()
            return MessageClaim(self._sessions, self._clock, self._hold, run, rows) if rows else None

    def address(self, deliveries: Sequence[PlannedDelivery]) -> None:
        """Add the recipients that queries gave; they stay the run's, whoever works on it later.

        Does nothing where that was done before.
        """
        with self._sessions.write() as session:
            row = self._hold(session)
            if row.addressed_at is None:
                row.addressed_at = self._clock()
                insert_deliveries(session, delivery_values(row, deliveries, row.addressed_at))

    def skip(self, why: str) -> None:
        """Send nothing more, on purpose: what was not handed over is skipped."""
        with self._sessions.write() as session:
            row = self._hold(session)
            row.warnings = added(row.warnings, [why])
            skip_open(session, row, why, self._clock())
        self._on_purpose = True

    def skip_part(self, part: Part, why: str) -> None:
        """Send nothing more, on purpose, to those who would see one part of the run."""
        with self._sessions.write() as session:
            end_part(session, self._hold(session), part, state=DeliveryState.skipped, why=why, now=self._clock())

    def refuse_part(self, part: Part, why: str) -> None:
        """Send nothing to those who would see one part of the run, because it cannot be made."""
        with self._sessions.write() as session:
            row = self._hold(session)
            row.errors = added(row.errors, [why])
            end_part(session, row, part, state=DeliveryState.refused, why=why, now=self._clock())

    def postpone(self, until: datetime, error: str = "", *, failed: bool = False) -> None:
        """Give the run back, to be claimed again from that moment on.

        Before anything was delivered it begins anew; its documents are kept where there are any.

        Args:
            until: not before.
            error: why, for people; it is not counted among the run's errors.
            failed: whether that counts as one of the tries that a run has.
        """
        with self._sessions.write() as session:
            row = self._hold(session)
            settle(session, row, self._clock())
            if row.state in (RunState.composing, RunState.rendering):
                move_run(row, RunState.planned, self._clock())
            row.step, row.due_at, row.tries = short(error), until, row.tries + failed
            _release(row, self._clock())

    def fail(self, *errors: str) -> Run:
        """End the run: what was not handed over stays unsent. Partly failed where somebody has got it."""
        with self._sessions.write() as session:
            row = self._hold(session)
            row.errors = added(row.errors, errors or ("failed",))
            settle(session, row, self._clock())
            give_up(session, row, "the run failed before this was sent", self._clock())
            self._end(session, row)
        return self._now()

    def finish(self) -> Run:
        """End the run, or give it back until the next try where something is deferred.

        Returns:
            The run, final or waiting.

        Raises:
            UsageError: it has deliveries that are still planned, and is not delivering.
        """
        with self._sessions.write() as session:
            row = self._hold(session)
            settle(session, row, self._clock())
            waiting = deliveries_of(session, self.run.id, (DeliveryState.planned,))
            if waiting and row.state != RunState.delivering:
                raise UsageError(f"run {row.id} is {row.state}; deliver or skip what is planned first")
            if waiting:
                row.due_at = min(delivery.retry_at or self._clock() for delivery in waiting)
                _release(row, self._clock())
            else:
                self._end(session, row)
        return self._now()

    def _end(self, session: Session, row: RunRow) -> None:
        states = [DeliveryState(each.state) for each in deliveries_of(session, self.run.id, DeliveryState)]
        state = outcome(states, errors=bool(row.errors), documents=bool(row.documents))
        nobody = not states and self._on_purpose and not row.errors
        move_run(row, RunState.skipped if nobody else state, self._clock())
        row.finished_at, row.progress = self._clock(), 1.0
        _release(row, self._clock())

    def _now(self) -> Run:
        return RunReader(self._sessions).get(self.run.id)

    def _hold(self, session: Session) -> RunRow:
        found = select(RunRow).where(
            col(RunRow.id) == self.run.id,
            col(RunRow.owner) == self.owner,
            col(RunRow.attempt) == self.attempt,
            col(RunRow.state).in_(OPEN_RUNS),
        )
        row = session.exec(found.with_for_update()).first()
        if row is None:
            raise LeaseLost(
                f"run {self.run.id} is not in this process's hands any more; it was taken over or cancelled"
            )
        row.lease_until = self._clock() + timedelta(seconds=self.lease_seconds)
        return row

    def _due(self) -> tuple[sa.ColumnElement[bool], ...]:
        due = sa.or_(col(DeliveryRow.retry_at).is_(None), col(DeliveryRow.retry_at) <= self._clock())
        return (col(DeliveryRow.run_id) == self.run.id, col(DeliveryRow.state) == DeliveryState.planned, due)


def _release(row: RunRow, now: datetime) -> None:
    spend(row, now)
    row.owner, row.lease_until = None, None
