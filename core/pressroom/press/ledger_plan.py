"""Planning: a run is written down once, however often it is asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from pressroom.errors import NotFound, UsageError
from pressroom.models.ledger_tables import DeliveryRow, RunRow
from pressroom.models.runs import DeliveryState, RunKind, RunState
from pressroom.models.values import clean, new_uid
from pressroom.press.ledger_rows import lock_project, short
from pressroom.press.once import Once
from pressroom.press.parts import OWN, Part, variables_of

LONGEST_ADDRESS = 500
HOPELESS = -1
"""Entry of a recipient that a query gave and that nothing can be sent to, however often it is tried."""


class PlannedDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One recipient of a run that is being planned; recipients with the same channel and message share one.

    Attributes:
        entry: see `pressroom.models.runs.Delivery`.
        part: what the recipient gets to see.
        refusal: why nothing can be sent; such a recipient is refused from the start.
    """

    channel: str
    recipient: str
    role: Literal["to", "cc", "bcc"] = "to"
    message: int = 0
    entry: int | None = None
    part: Part = OWN
    refusal: str = ""


def new_run(
    project_id: int,
    report_id: int | None,
    report: str,
    snapshot: dict[str, Any],
    *,
    kind: RunKind,
    key: str | Once,
    planned_at: datetime,
    created_at: datetime,
    title: str,
    priority: int,
) -> RunRow:
    """The row of a run that is not written yet; see `Ledger.plan` for the arguments.

    Raises:
        UsageError: the key is empty, too long or not printable; the snapshot is no JSON.
    """
    try:
        json.dumps(snapshot, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"a run's snapshot cannot be kept as JSON: {error}") from error
    scope = f"project:{project_id}" if report_id is None else f"report:{report_id}"
    asked = None
    if isinstance(key, Once):
        scope, asked, key = f"once:{project_id}", key.asked, key.key
    if not 0 < len(key) <= 200 or clean(key) != key:
        raise UsageError("a run's key is 1 to 200 characters, without control characters")
    return RunRow(
        project_id=project_id,
        report_id=report_id,
        report=report,
        title=short(title),
        scope=scope,
        kind=kind,
        key=key,
        nonce=new_uid(),
        asked=asked,
        state=RunState.planned,
        priority=priority,
        planned_at=planned_at,
        created_at=created_at,
        due_at=planned_at,
        snapshot=snapshot,
    )


def _same(session: Session, row: RunRow) -> int | None:
    found = select(RunRow.id, RunRow.asked).where(RunRow.scope == row.scope, RunRow.key == row.key)
    # a caller's key stands for one request, whatever kind of run it starts
    there = session.exec(found if row.asked else found.where(RunRow.kind == row.kind)).first()
    if there is None:
        return None
    if row.asked:
        Once(row.key, row.asked).compare(there[1] or "")
    return there[0]


def insert_once(session: Session, row: RunRow, deliveries: Sequence[PlannedDelivery]) -> int:
    """Write a new run with its deliveries, unless the same one is there.

    Returns:
        The id of whichever is there now.

    Raises:
        NotFound: its report was deleted meanwhile.
        KeyReused: the same caller's key was used for another request.
        UsageError: a recipient is longer than any address, or no text.
    """
    check_recipients(deliveries)
    if row.asked:
        # PostgreSQL: runs of two kinds do not collide in the table, so a project's callers with keys take turns
        lock_project(session, row.project_id)
    there = _same(session, row)
    if there is not None:
        return there
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # PostgreSQL lets two plan at once: the second waits for the first, then finds it here
        first = _same(session, row)
        if first is None:
            raise NotFound(f"the report {row.report!r} was deleted meanwhile") from None
        return first
    insert_deliveries(session, delivery_values(row, deliveries, row.created_at))
    return int(row.id or 0)


def insert_new(session: Session, planned: Sequence[tuple[RunRow, Sequence[PlannedDelivery]]]) -> int:
    """Write many new runs of stored reports with their deliveries, except those that are there.

    Their reports must be locked in the same transaction; then nobody else plans the same ones meanwhile.

    Returns:
        How many were written.
    """
    scopes = {row.scope for row, _ in planned}
    found = select(RunRow.scope, RunRow.kind, RunRow.key).where(
        col(RunRow.scope).in_(scopes), col(RunRow.key).in_({row.key for row, _ in planned})
    )
    there = set(session.exec(found))
    fresh = [(row, to) for row, to in planned if (row.scope, row.kind, row.key) not in there]
    session.add_all([row for row, _ in fresh])
    session.flush()
    values = [each for row, to in fresh for each in delivery_values(row, to, row.created_at)]
    insert_deliveries(session, values)
    return len(fresh)


def insert_deliveries(session: Session, values: list[dict[str, Any]]) -> None:
    """Write rows of `delivery_values`."""
    # not as objects: a thousand reports have many thousand recipients
    if values:
        session.connection().execute(sa.insert(DeliveryRow), values)


def delivery_values(row: RunRow, deliveries: Sequence[PlannedDelivery], now: datetime) -> list[dict[str, Any]]:
    """Rows of a run's new deliveries; exact duplicates count once."""
    common = {
        "run_id": row.id,
        "updated_at": now,
        "attempts": 0,
        "attempt": 0,
        "idempotent": False,
        "code": 0,
        "reference": "",
    }
    return [common | _values(planned) for planned in dict.fromkeys(deliveries)]


def _values(planned: PlannedDelivery) -> dict[str, Any]:
    return {
        "channel": planned.channel,
        "recipient": planned.recipient,
        "role": planned.role,
        "message": planned.message,
        "entry": planned.entry,
        "variables": variables_of(planned.part) if planned.part else None,
        "state": (DeliveryState.refused if planned.refusal else DeliveryState.planned).value,
        "answer": short(planned.refusal),
    }


def check_recipients(deliveries: Sequence[PlannedDelivery]) -> None:
    """See that a database can keep them.

    Raises:
        UsageError: a recipient is longer than any address, or no text.
    """
    for planned in deliveries:
        if wrong := misfit(planned.recipient):
            raise UsageError(wrong)


def misfit(address: str) -> str:
    """Why a recipient cannot be kept; empty where it can."""
    if len(address) <= LONGEST_ADDRESS and clean(address) == address:
        return ""
    return f"the recipient {clean(address[:50])!r} is no address: too long, or not printable"
