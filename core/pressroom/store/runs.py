"""Runs and deliveries, read; the ledger (`pressroom.press.ledger`) is the only one that writes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from pressroom.errors import NotFound
from pressroom.models.ledger_tables import DeliveryRow, RunRow
from pressroom.models.runs import Delivery, DeliveryState, Run, RunKind, RunState
from pressroom.models.tables import ProjectRow
from pressroom.store.definitions import LARGEST, page, possible
from pressroom.store.sessions import Sessions


class RunReader:
    """Runs of one project, or of all.

    Args:
        sessions: where to read.
        project_id: whose runs; None for all projects.
    """

    def __init__(self, sessions: Sessions, project_id: int | None = None) -> None:
        self._sessions = sessions
        self._project_id = project_id

    def get(self, run_id: int) -> Run:
        """One run with its deliveries.

        Raises:
            NotFound: there is none of that id.
        """
        with self._sessions.read() as session:
            found = self._mine().where(col(RunRow.id) == run_id)
            pair = session.exec(found).first() if 0 < run_id <= LARGEST else None
            if pair is None:
                raise NotFound(f"no run {run_id}")
            return run_values(session, [pair])[0]

    def waits(self, run_id: int, now: datetime) -> bool:
        """Whether nobody works on a run that is not over, because its next try comes later."""
        later = col(RunRow.finished_at).is_(None), col(RunRow.owner).is_(None), col(RunRow.due_at) > now
        with self._sessions.read() as session:
            return session.exec(self._mine().where(col(RunRow.id) == run_id, *later)).first() is not None

    def list(
        self,
        *,
        report: str | None = None,
        state: RunState | None = None,
        kind: RunKind | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Run]:
        """Runs with their deliveries, the latest planned first.

        Args:
            report: uid of one report, also of one that is deleted.
            state: only those that stand there.
            kind: only those that exist for that reason.
            since, until: only those planned at or after that moment, and before.
            limit, offset: of all that match.
        """
        rows, first = page(limit, offset)
        found = self._mine()
        if report is not None:
            if not possible(report):
                return []
            found = found.where(col(RunRow.report) == report)
        if state is not None:
            found = found.where(col(RunRow.state) == state)
        if kind is not None:
            found = found.where(col(RunRow.kind) == kind)
        if since is not None:
            found = found.where(col(RunRow.planned_at) >= since)
        if until is not None:
            found = found.where(col(RunRow.planned_at) < until)
        with self._sessions.read() as session:
            ordered = found.order_by(col(RunRow.planned_at).desc(), col(RunRow.id).desc()).limit(rows).offset(first)
            return run_values(session, session.exec(ordered).all())

    def _mine(self) -> Any:
        found = select(RunRow, ProjectRow.uid).join(ProjectRow)
        return found if self._project_id is None else found.where(col(RunRow.project_id) == self._project_id)


def run_values(session: Session, pairs: Sequence[tuple[RunRow, str]]) -> list[Run]:
    """Rows with their projects' uids as values, deliveries included."""
    deliveries: dict[int, list[Delivery]] = defaultdict(list)
    ids = [row.id for row, _ in pairs]
    for start in range(0, len(ids), 500):
        found = select(DeliveryRow).where(col(DeliveryRow.run_id).in_(ids[start : start + 500]))
        for delivery in session.exec(found.order_by(col(DeliveryRow.id))):
            deliveries[delivery.run_id].append(delivery_value(delivery))
    return [run_value(row, project, tuple(deliveries[int(row.id or 0)])) for row, project in pairs]


def delivery_value(row: DeliveryRow) -> Delivery:
    """A row as a value."""
    return Delivery(
        id=int(row.id or 0),
        run=row.run_id,
        channel=row.channel,
        recipient=row.recipient,
        role=row.role,  # type: ignore[arg-type]  # checked when it was planned
        message=row.message,
        entry=row.entry,
        variables=row.variables or {},
        state=DeliveryState(row.state),
        attempts=row.attempts,
        code=row.code,
        answer=row.answer,
        reference=row.reference,
        retry_at=row.retry_at,
        updated_at=row.updated_at,
    )


def run_value(row: RunRow, project: str, deliveries: tuple[Delivery, ...] = ()) -> Run:
    """A row as a value; `project` is its uid."""
    return Run(
        id=int(row.id or 0),
        project=project,
        report=row.report,
        title=row.title,
        kind=row.kind,  # type: ignore[arg-type]  # checked when it was planned
        key=row.key,
        state=RunState(row.state),
        planned_at=row.planned_at,
        created_at=row.created_at,
        snapshot=row.snapshot,
        report_id=row.report_id,
        attempt=row.attempt,
        tries=row.tries,
        started_at=row.started_at,
        finished_at=row.finished_at,
        addressed_at=row.addressed_at,
        step=row.step,
        progress=row.progress,
        warnings=tuple(row.warnings),
        errors=tuple(row.errors),
        documents=tuple(row.documents),
        timings=row.timings or {},
        deliveries=deliveries,
    )
