"""What planning, claims and recovery share: moving rows from state to state, each checked against the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from pressroom.models.ledger_tables import DeliveryRow, RunRow
from pressroom.models.runs import DeliveryState, RunState
from pressroom.models.tables import ProjectRow
from pressroom.models.values import clean
from pressroom.press.ledger_states import DELIVERY_TRANSITIONS, OPEN_RUNS, RUN_TRANSITIONS
from pressroom.press.parts import Part, part_of
from pressroom.schedulers import Step

LONGEST = 2000
MOST = 500
WORKING = (RunState.composing, RunState.rendering, RunState.delivering)
_STATES: dict[Step | None, tuple[RunState, ...]] = {
    None: OPEN_RUNS,
    "make": tuple(state for state in OPEN_RUNS if state is not RunState.delivering),
    "deliver": (RunState.delivering,),
}
HELD = (DeliveryState.claimed, DeliveryState.handing_over)


def short(text: str) -> str:
    """A sentence as it is kept: printable, at most 2000 characters."""
    text = clean(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def added(sentences: Sequence[str], more: Iterable[str]) -> list[str]:
    """Sentences with more of them, each once, at most 500."""
    return list(dict.fromkeys([*sentences, *map(short, more)]))[:MOST]


def claimable(now: datetime, step: Step | None = None) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions of a run that anybody may take, for any step or a certain one."""
    free = sa.or_(col(RunRow.lease_until).is_(None), col(RunRow.lease_until) <= now)
    return (col(RunRow.state).in_(_STATES[step]), col(RunRow.due_at) <= now, free)


def lock_project(session: Session, project_id: int) -> None:
    """Have a project's writers take turns until the transaction ends, as on SQLite; those of runs go on."""
    found = select(ProjectRow.id).where(col(ProjectRow.id) == project_id)
    session.exec(found.with_for_update(key_share=True)).first()


def lock_run(session: Session, run_id: int) -> RunRow | None:
    """A run that nobody else writes until the transaction ends."""
    return session.exec(select(RunRow).where(col(RunRow.id) == run_id).with_for_update()).first()


def deliveries_of(session: Session, run_id: int, states: Iterable[DeliveryState]) -> list[DeliveryRow]:
    """A run's deliveries that stand in one of these states, locked, in a fixed order."""
    found = select(DeliveryRow).where(col(DeliveryRow.run_id) == run_id, col(DeliveryRow.state).in_(list(states)))
    return list(session.exec(found.order_by(col(DeliveryRow.id)).with_for_update()).all())


def spend(row: RunRow, now: datetime) -> None:
    """Add the time since a run came into its state to what it spent there; waiting does not count."""
    if row.entered_at is not None and row.state in WORKING:
        spent = max(0.0, (now - row.entered_at).total_seconds())
        row.timings = {**(row.timings or {}), row.state: (row.timings or {}).get(row.state, 0.0) + spent}
    row.entered_at = now


def move_run(row: RunRow, state: RunState, now: datetime) -> None:
    """Bring a run to a state.

    Raises:
        AssertionError: the table of transitions has no such step; callers check what a user can cause.
    """
    assert state in RUN_TRANSITIONS[RunState(row.state)], f"a run does not go from {row.state} to {state}"
    spend(row, now)
    row.state = state


def move(row: DeliveryRow, state: DeliveryState, now: datetime, answer: str | None = None) -> None:
    """Bring a delivery to a state, and out of its owner's hands unless that is `claimed` or `handing_over`.

    Raises:
        AssertionError: the table of transitions has no such step.
    """
    assert state in DELIVERY_TRANSITIONS[DeliveryState(row.state)], f"a delivery does not go {row.state} to {state}"
    row.state, row.updated_at, row.retry_at = state, now, None
    if state not in HELD:
        row.owner = None
    if answer is not None:
        row.answer = short(answer)


def settle(session: Session, run: RunRow, now: datetime) -> None:
    """Decide on what an owner holds who is not coming back.

    What was only claimed was not sent: it is planned again. What was being handed over may have arrived: it
    is ambiguous, unless its channel takes the same key twice. Of a run that is over, nothing is planned again.
    """
    over = RunState(run.state).final
    for row in deliveries_of(session, int(run.id or 0), HELD):
        if row.state == DeliveryState.claimed:
            move(row, DeliveryState.skipped if over else DeliveryState.planned, now)
        elif row.idempotent and not over:
            move(row, DeliveryState.planned, now, "stopped during the hand-over; tried again with the same key")
        else:
            move(row, DeliveryState.ambiguous, now, "stopped during the hand-over; it may have arrived")
    session.flush()


def give_up(session: Session, run: RunRow, why: str, now: datetime) -> None:
    """End what was not handed over: refused where it was tried, skipped where it was not."""
    for row in deliveries_of(session, int(run.id or 0), (DeliveryState.planned, DeliveryState.claimed)):
        tried = row.state == DeliveryState.planned and row.attempts > 0
        move(row, DeliveryState.refused if tried else DeliveryState.skipped, now, why)
    session.flush()


def skip_open(session: Session, run: RunRow, why: str, now: datetime) -> None:
    """End what was not handed over because nobody wants it sent any more."""
    for row in deliveries_of(session, int(run.id or 0), (DeliveryState.planned, DeliveryState.claimed)):
        move(row, DeliveryState.skipped, now, why)
    session.flush()


def end_part(session: Session, run: RunRow, part: Part, *, state: DeliveryState, why: str, now: datetime) -> None:
    """End what was not handed over to those who would see one part of the run."""
    for row in deliveries_of(session, int(run.id or 0), (DeliveryState.planned,)):
        if part_of(row.variables or {}) == part:
            move(row, state, now, why)
    session.flush()
